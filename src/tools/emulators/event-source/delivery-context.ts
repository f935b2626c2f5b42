import type { KinesisStreamEvent } from 'aws-lambda';
import type { FunctionError } from '../lambda/runtime-api.ts';
import type { InvokeOutcome } from './batch-response.ts';
import type { FailureMessage } from './failure-message.ts';
import type { ShardRecord, ShardSource } from './lambda-event.ts';
import type { EventSourceSettings, LocalPace } from './settings.ts';

/** An invocation of a batch and its result. */
export interface BatchReport {
  readonly shardId: string;
  readonly requestId: string;
  readonly records: number;
  /** Records that this invocation settled. */
  readonly done: number;
  /** The deliveries that these records have had since the checkpoint last advanced. */
  readonly delivery: number;
  readonly functionError?: FunctionError;
}

/** How records are completed that need no further delivery. */
export type Settlement = 'done' | 'discarded' | 'filtered';

/** Why a batch is delivered again; `refused` is an invocation that Lambda did not start. */
export type Retry = 'retried' | 'bisected' | 'resumed' | 'refused';

export interface DeliveryContext {
  readonly source: ShardSource;
  readonly settings: EventSourceSettings;
  readonly pace: LocalPace;
  readonly functionArn: string;
  readonly signal: AbortSignal;
  readonly invoke: (event: KinesisStreamEvent) => Promise<InvokeOutcome>;
  readonly onBatch?: ((report: BatchReport) => void) | undefined;
  readonly onFailure?: ((message: FailureMessage, event: KinesisStreamEvent) => Promise<void>) | undefined;
  readonly onSettled: (records: readonly ShardRecord[], how: Settlement) => void;
  readonly onRetry: (how: Retry) => void;
}
