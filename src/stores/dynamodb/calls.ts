import { transient } from '../../aws-errors.ts';
import { errorName, PermanentError, type TransientError } from '../../errors.ts';
import type { CallOptions } from '../../pipeline/destinations.ts';

/** Errors of DynamoDB that no retry cures: the item or the request itself is refused. */
const PERMANENT = new Set([
  'ItemCollectionSizeLimitExceededException',
  'SerializationException',
  'ValidationException',
]);

/** Whether DynamoDB refuses a request, and always will. */
export const isRefused = (error: unknown): boolean => PERMANENT.has(errorName(error));

/**
 * Whether the SDK threw an error before it sent anything. It says neither what was wrong with the request nor that it was
 * the request: where there are no credentials or no Region, it throws the same kinds.
 */
export const isUnsent = (error: unknown): boolean =>
  Object(error) === error &&
  (error as { readonly $metadata?: unknown }).$metadata === undefined &&
  ['Error', 'RangeError', 'TypeError'].includes(errorName(error));

/**
 * The error of a call to DynamoDB in terms of what to do about it. All that is not known to be permanent is
 * transient: a missing table or permission is an operator's to mend, and no reason to give a record up.
 *
 * @param what the call and the table, for the message
 * @param isSendable whether what the call was about can be sent to DynamoDB at all
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
export const fromDynamoDb = (
  what: string,
  cause: unknown,
  isSendable: boolean,
): PermanentError | TransientError => {
  const name = errorName(cause);
  return isRefused(cause) || (isUnsent(cause) && !isSendable)
    ? new PermanentError('write-refused', `${what} was refused: ${name}`, { cause })
    : transient(`${what} failed: ${name}`, cause);
};

/** Tells how often the SDK tried a call again: of its answer, or of the error that it ended in. */
export const countRetries = (ended: unknown, { onRetry }: CallOptions): void => {
  const { $metadata } = (ended ?? {}) as { readonly $metadata?: { readonly attempts?: number } };
  const retries = ($metadata?.attempts ?? 1) - 1;
  if (retries > 0) onRetry?.(retries);
};
