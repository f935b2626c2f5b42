import type { KinesisStreamEvent } from 'aws-lambda';
import type { FunctionError } from '../lambda/runtime-api.ts';
import { judgeResponse, type Verdict } from './batch-response.ts';
import { type FailureCondition, type FailureMessage, failureMessage } from './failure-message.ts';
import { kinesisEvent, type ShardRecord, type ShardSource } from './kinesis-event.ts';
import { backOffMs, pause } from './pause.ts';
import type { EventSourceSettings, LocalPace } from './settings.ts';

/** What the mapping needs to know of an invocation. */
export interface InvokeOutcome {
  readonly requestId: string;
  readonly payload: unknown;
  readonly functionError?: FunctionError;
}

/** An invocation of a batch, as it went. */
export interface BatchReport {
  readonly shardId: string;
  readonly requestId: string;
  readonly records: number;
  /** Records that this invocation settled. */
  readonly done: number;
  /** The deliveries that this batch, or what is left of it, has had so far. */
  readonly delivery: number;
  readonly functionError?: FunctionError;
}

export interface DeliveryContext {
  readonly source: ShardSource;
  readonly settings: EventSourceSettings;
  readonly pace: LocalPace;
  readonly functionArn: string;
  readonly signal: AbortSignal;
  readonly invoke: (event: KinesisStreamEvent) => Promise<InvokeOutcome>;
  readonly onBatch?: ((report: BatchReport) => void) | undefined;
  readonly onFailure?: ((message: FailureMessage) => Promise<void>) | undefined;
  /** Hears of records that need no further delivery. */
  readonly onSettled: (records: readonly ShardRecord[], how: 'done' | 'discarded') => void;
  readonly onRetry: (how: 'retried' | 'bisected' | 'resumed') => void;
}

/** Consecutive records on their way to the function; `retries` are counted since the last progress. */
interface Part {
  readonly records: readonly ShardRecord[];
  readonly retries: number;
  readonly deliveries: number;
}

const judge = (
  outcome: InvokeOutcome,
  records: readonly ShardRecord[],
  settings: EventSourceSettings,
): Verdict => {
  if (outcome.functionError) return { kind: 'failure' };
  if (!settings.reportBatchItemFailures) return { kind: 'success' };
  const sequenceNumbers = records.map(({ sequenceNumber }) => sequenceNumber);
  return judgeResponse(outcome.payload, sequenceNumbers);
};

/** How many records, from the first on, have arrived too long ago to be delivered. */
const expiredCount = (records: readonly ShardRecord[], maximumAgeSeconds: number): number => {
  if (maximumAgeSeconds < 0) return 0;
  const oldest = Date.now() - maximumAgeSeconds * 1_000;
  const young = records.findIndex(({ arrivedMs }) => arrivedMs >= oldest);
  return young < 0 ? records.length : young;
};

/**
 * Delivers batches of one shard as AWS does: again from the checkpoint until it is done, halved after a function error
 * if so set, given up when its retries or its time are used up. The returned function resolves when every record is
 * settled, or early when the signal ends; it rejects when the on-failure destination does.
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
    { requestId, functionError }: Partial<InvokeOutcome>,
  ): Promise<void> => {
    const request = {
      requestId: requestId ?? '',
      functionArn,
      condition,
      approximateInvokeCount: deliveries,
    };
    await context.onFailure?.(failureMessage(records, source, request, functionError !== undefined));
    context.onSettled(records, 'discarded');
  };

  /** Delivers a part once and says what is left to be delivered, in order. */
  const deliver = async ({ records, retries, deliveries }: Part): Promise<readonly Part[]> => {
    const outcome = await context.invoke(kinesisEvent(records, source));
    const delivery = deliveries + 1;
    const verdict = judge(outcome, records, settings);
    const done = verdict.kind === 'success' ? records.length : verdict.kind === 'partial' ? verdict.index : 0;
    const { requestId, functionError } = outcome;
    const report = { shardId: source.shardId, requestId, records: records.length, done, delivery };
    context.onBatch?.(functionError ? { ...report, functionError } : report);
    if (done > 0) context.onSettled(records.slice(0, done), 'done');
    if (done === records.length) return [];
    if (done > 0) {
      context.onRetry('resumed');
      return [{ records: records.slice(done), retries: 0, deliveries: 0 }];
    }
    if (functionError && bisectBatchOnFunctionError && records.length > 1) {
      context.onRetry('bisected');
      const middle = Math.ceil(records.length / 2);
      return [records.slice(0, middle), records.slice(middle)].map((half) => ({
        records: half,
        retries,
        deliveries: delivery,
      }));
    }
    const failed = { records, retries: retries + 1, deliveries: delivery };
    if (maximumRetryAttempts >= 0 && failed.retries > maximumRetryAttempts) {
      await discard(failed, 'RetryAttemptsExhausted', outcome);
      return [];
    }
    context.onRetry('retried');
    await pause(backOffMs(failed.retries, pace.retryDelayMs, pace.maxRetryDelayMs), signal);
    return [failed];
  };

  return async (batch) => {
    const left: Part[] = [{ records: batch, retries: 0, deliveries: 0 }];
    for (let part = left.shift(); part && !signal.aborted; part = left.shift()) {
      const expired = expiredCount(part.records, maximumRecordAgeSeconds);
      if (expired > 0) {
        await discard({ ...part, records: part.records.slice(0, expired) }, 'RecordAgeExceeded', {});
        if (expired < part.records.length) left.unshift({ ...part, records: part.records.slice(expired) });
      } else {
        left.unshift(...(await deliver(part)));
      }
    }
  };
};
