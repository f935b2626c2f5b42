import type { FunctionError } from '../lambda/runtime-api.ts';

/** The result of a batch according to the response: all done, done up to `index`, or not done at all. */
export type Verdict =
  | { readonly kind: 'success' }
  | { readonly kind: 'partial'; readonly index: number }
  | { readonly kind: 'failure' };

/** The parts of an invocation that the mapping needs. */
export interface InvokeOutcome {
  readonly requestId: string;
  readonly payload: unknown;
  /** Set when the handler threw, ran out of time or memory, or its environment died. */
  readonly functionError?: FunctionError;
}

const identifierOf = (failure: unknown): unknown =>
  typeof failure === 'object' && failure !== null && 'itemIdentifier' in failure
    ? failure.itemIdentifier
    : undefined;

/**
 * Reads the answer of a function whose mapping reports batch item failures. The lowest reported sequence number is the
 * checkpoint, and everything from it on has failed. No failures, in any of the valid forms, is success; an identifier
 * that is empty, null, wrongly named or not of this batch fails the whole batch.
 *
 * @param sequenceNumbers of the batch, in order
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 */
export const judgeResponse = (payload: unknown, sequenceNumbers: readonly string[]): Verdict => {
  if (typeof payload !== 'object' || payload === null || !('batchItemFailures' in payload)) {
    return { kind: 'success' };
  }
  const failures = payload.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return { kind: 'failure' };
  if (failures.length === 0) return { kind: 'success' };
  const indexOf = new Map(sequenceNumbers.map((sequenceNumber, index) => [sequenceNumber, index]));
  let lowest = sequenceNumbers.length;
  for (const failure of failures) {
    const identifier = identifierOf(failure);
    // The batch is in ascending order of sequence number, so the lowest number has the lowest index.
    const index = typeof identifier === 'string' ? indexOf.get(identifier) : undefined;
    if (index === undefined) return { kind: 'failure' };
    lowest = Math.min(lowest, index);
  }
  return { kind: 'partial', index: lowest };
};

/** Judges an invocation: a function error fails the batch; the answer counts only if `reportBatchItemFailures`. */
export const judge = (
  { functionError, payload }: InvokeOutcome,
  sequenceNumbers: readonly string[],
  reportBatchItemFailures: boolean,
): Verdict => {
  if (functionError) return { kind: 'failure' };
  return reportBatchItemFailures ? judgeResponse(payload, sequenceNumbers) : { kind: 'success' };
};
