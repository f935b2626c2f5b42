import { transient } from '../../aws-errors.ts';
import { errorName, PermanentError, type TransientError } from '../../errors.ts';
import type { CallOptions } from '../../pipeline/destinations.ts';

/** Errors of DynamoDB that no retry cures: the item or the request itself is refused. */
const PERMANENT = new Set([
  'ItemCollectionSizeLimitExceededException',
  'SerializationException',
  'ValidationException',
]);

/**
 * Whether a request can never be made: DynamoDB refuses it, or the SDK cannot even write it down. The SDK's errors of
 * that kind are JavaScript's own, without the code that Node.js gives to what happens on the network.
 */
export const isRefused = (error: unknown): boolean => {
  const name = errorName(error);
  if (PERMANENT.has(name)) return true;
  const { code, $metadata } = Object(error) as { readonly code?: unknown; readonly $metadata?: unknown };
  const isJavaScripts =
    code === undefined || (typeof code === 'string' && code.startsWith('ERR_INVALID_ARG_'));
  return $metadata === undefined && isJavaScripts && ['Error', 'RangeError', 'TypeError'].includes(name);
};

/**
 * The error of a call to DynamoDB in terms of what to do about it. All that is not known to be permanent is
 * transient: a missing table or permission is an operator's to mend, and no reason to give a record up.
 *
 * @param what the call and the table, for the message
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
export const fromDynamoDb = (what: string, cause: unknown): PermanentError | TransientError => {
  const name = errorName(cause);
  return isRefused(cause)
    ? new PermanentError('write-refused', `${what} was refused: ${name}`, { cause })
    : transient(`${what} failed: ${name}`, cause);
};

/** Tells how often the SDK tried a call again: of its answer, or of the error that it ended in. */
export const countRetries = (ended: unknown, { onRetry }: CallOptions): void => {
  const { $metadata } = (ended ?? {}) as { readonly $metadata?: { readonly attempts?: number } };
  const retries = ($metadata?.attempts ?? 1) - 1;
  if (retries > 0) onRetry?.(retries);
};
