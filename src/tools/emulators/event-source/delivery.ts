import { randomUUID } from 'node:crypto';
import { type InvokeOutcome, judge } from './batch-response.ts';
import type { DeliveryContext } from './delivery-context.ts';
import { type FailureCondition, failureMessage } from './failure-message.ts';
import { kinesisEvent, type ShardRecord } from './lambda-event.ts';
import { backOffMs, pause } from './pause.ts';

/** Consecutive records to deliver; counts are since the checkpoint last advanced. */
interface Part {
  readonly records: readonly ShardRecord[];
  readonly retries: number;
  readonly deliveries: number;
  /** Successive invocations that Lambda refused. */
  readonly refusals: number;
}

/** Lambda has no environment to spare, or a fault of its own: the function was not invoked. */
const REFUSED = /^(TooManyRequests|EC2Throttled|Service|ResourceNotReady)Exception$/;

const fresh = (records: readonly ShardRecord[]): Part => ({
  records,
  retries: 0,
  deliveries: 0,
  refusals: 0,
});

/** The number of records, from the first on, that are too old to be delivered. */
const expiredCount = (records: readonly ShardRecord[], maximumAgeSeconds: number): number => {
  if (maximumAgeSeconds < 0) return 0;
  const oldest = Date.now() - maximumAgeSeconds * 1_000;
  const young = records.findIndex(({ arrivedMs }) => arrivedMs >= oldest);
  return young < 0 ? records.length : young;
};

const countOf = (parts: readonly Part[]): number =>
  parts.reduce((sum, { records }) => sum + records.length, 0);

/**
 * Delivers batches of one shard as AWS does: again from the checkpoint until it is done, halved after a function error
 * if configured, discarded when its retries or its time are used up. Retries are counted anew when the checkpoint
 * advances; halving uses none, nor does an invocation that Lambda refuses. The returned function resolves when every
 * record is settled, or early when the signal aborts; it rejects when the on-failure destination does.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 */
export const createDelivery = (
  context: DeliveryContext,
): ((batch: readonly ShardRecord[]) => Promise<void>) => {
  const { source, settings, pace, functionArn, signal } = context;
  const { maximumRetryAttempts, maximumRecordAgeSeconds, bisectBatchOnFunctionError } = settings;

  const discard = async (
    { records, deliveries }: Part,
    condition: FailureCondition,
    { requestId = randomUUID(), functionError }: Partial<InvokeOutcome> = {},
  ): Promise<void> => {
    const request = { requestId, functionArn, condition, approximateInvokeCount: deliveries };
    const message = failureMessage(records, source, request, functionError !== undefined);
    await context.onFailure?.(message, kinesisEvent(records, source));
    context.onSettled(records, 'discarded');
  };

  const backOff = (failures: number): Promise<void> =>
    pause(backOffMs(failures, pace.retryDelayMs, pace.maxRetryDelayMs), signal);

  const invoke = async (records: readonly ShardRecord[]): Promise<InvokeOutcome | undefined> => {
    try {
      return await context.invoke(kinesisEvent(records, source));
    } catch (error) {
      if (REFUSED.test((error as Error).name)) return undefined;
      throw error;
    }
  };

  /** Delivers a part once. @returns the parts that are left to be delivered, in order */
  const deliver = async (part: Part): Promise<readonly Part[]> => {
    const { records } = part;
    const outcome = await invoke(records);
    if (outcome === undefined) {
      context.onRetry('refused');
      await backOff(part.refusals + 1);
      return [{ ...part, refusals: part.refusals + 1 }];
    }
    const delivery = part.deliveries + 1;
    const sequenceNumbers = records.map(({ sequenceNumber }) => sequenceNumber);
    const verdict = judge(outcome, sequenceNumbers, settings.reportBatchItemFailures);
    const done = verdict.kind === 'success' ? records.length : verdict.kind === 'partial' ? verdict.index : 0;
    const { requestId, functionError } = outcome;
    const report = { shardId: source.shardId, requestId, records: records.length, done, delivery };
    context.onBatch?.(functionError ? { ...report, functionError } : report);
    if (done > 0) context.onSettled(records.slice(0, done), 'done');
    if (done === records.length) return [];
    if (done > 0) {
      context.onRetry('resumed');
      return [fresh(records.slice(done))];
    }
    const failed = { records, retries: part.retries + 1, deliveries: delivery, refusals: 0 };
    if (functionError && bisectBatchOnFunctionError && records.length > 1) {
      context.onRetry('bisected');
      const middle = Math.ceil(records.length / 2);
      const halves = [records.slice(0, middle), records.slice(middle)];
      return halves.map((half) => ({ ...failed, records: half, retries: part.retries }));
    }
    if (maximumRetryAttempts >= 0 && failed.retries > maximumRetryAttempts) {
      await discard(failed, 'RetryAttemptsExhausted', outcome);
      return [];
    }
    context.onRetry('retried');
    await backOff(failed.retries);
    return [failed];
  };

  /** Discards records that are too old, or else delivers. */
  const advance = async (part: Part): Promise<readonly Part[]> => {
    const expired = expiredCount(part.records, maximumRecordAgeSeconds);
    if (expired === 0) return deliver(part);
    await discard({ ...part, records: part.records.slice(0, expired) }, 'RecordAgeExceeded');
    return expired < part.records.length ? [fresh(part.records.slice(expired))] : [];
  };

  return async (batch) => {
    let parts: readonly Part[] = [fresh(batch)];
    for (let [part, ...rest] = parts; part && !signal.aborted; [part, ...rest] = parts) {
      const left = await advance(part);
      const advanced = countOf(left) < part.records.length;
      parts = [...left, ...(advanced ? rest.map(({ records }) => fresh(records)) : rest)];
    }
  };
};
