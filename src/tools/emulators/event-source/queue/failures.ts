import type { InvokeOutcome } from '../batch-response.ts';

/**
 * The messages of a batch that have to come again, by their ids. An identifier that is empty, null, wrongly named or not
 * of this batch fails all of them.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export const failedMessages = (
  { functionError, payload }: InvokeOutcome,
  ids: readonly string[],
  reportBatchItemFailures: boolean,
): ReadonlySet<string> => {
  const all = new Set(ids);
  if (functionError) return all;
  const { batchItemFailures } = Object(payload) as { readonly batchItemFailures?: unknown };
  if (!reportBatchItemFailures || batchItemFailures === undefined || batchItemFailures === null) {
    return new Set();
  }
  if (!Array.isArray(batchItemFailures)) return all;
  const named = batchItemFailures.map(
    (failure) => (Object(failure) as { readonly itemIdentifier?: unknown }).itemIdentifier,
  );
  return named.every((id) => typeof id === 'string' && all.has(id)) ? new Set(named as string[]) : all;
};
