import { PermanentError, TransientError } from '../errors.ts';

/** Errors of DynamoDB that no retry cures: the item or the request itself is refused. */
const PERMANENT = new Set(['ValidationException', 'ItemCollectionSizeLimitExceededException']);

/** Whether DynamoDB refuses the request itself. */
export const isRefused = (error: unknown): boolean => error instanceof Error && PERMANENT.has(error.name);

/**
 * The error of a call to DynamoDB in terms of what to do about it. All that is not known to be permanent is
 * transient: a missing table or permission is an operator's to mend, and no reason to give a record up.
 *
 * @param what the call and the table, for the message
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
export const fromDynamoDb = (what: string, cause: unknown): PermanentError | TransientError => {
  const name = cause instanceof Error ? cause.name : 'unknown error';
  return isRefused(cause)
    ? new PermanentError('write-refused', `${what} was refused: ${name}`, { cause })
    : new TransientError(`${what} failed: ${name}`, { cause });
};
