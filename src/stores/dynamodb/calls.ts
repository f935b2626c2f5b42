import { transient } from '../../aws-errors.ts';
import { errorName, PermanentError, type TransientError } from '../../errors.ts';
import type { CallOptions } from '../../pipeline/destinations.ts';

/** Errors of DynamoDB that no retry can resolve: the item or the request itself is refused. */
const PERMANENT = new Set([
  'ItemCollectionSizeLimitExceededException',
  'SerializationException',
  'ValidationException',
]);

/** Whether DynamoDB refuses a request, and always will. */
export const isRefused = (error: unknown): boolean => PERMANENT.has(errorName(error));

/**
 * Whether the SDK threw an error before it sent anything. The request may or may not be at fault: without credentials
 * or a Region, the SDK throws the same kinds of errors.
 */
export const isUnsent = (error: unknown): boolean =>
  Object(error) === error &&
  (error as { readonly $metadata?: unknown }).$metadata === undefined &&
  ['Error', 'RangeError', 'TypeError'].includes(errorName(error));

/**
 * Converts the error of a call to DynamoDB to a permanent or transient one. All that is not known to be permanent is
 * transient: a missing table or permission is for an operator to fix, and no reason to reject a record.
 *
 * @param what the call and the table, for the message
 * @param isSendable whether the values of the call can be sent to DynamoDB at all
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

/** Reports how often the SDK retried a call. @param ended its answer, or the error that it threw */
export const countRetries = (ended: unknown, { onRetry }: CallOptions): void => {
  const { $metadata } = (ended ?? {}) as { readonly $metadata?: { readonly attempts?: number } };
  const retries = ($metadata?.attempts ?? 1) - 1;
  if (retries > 0) onRetry?.(retries);
};
