/**
 * The settings of an event source mapping that affect delivery, in AWS's units and with its defaults.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
 */
export interface EventSourceSettings {
  /** Records per invocation, 1 to 10,000. */
  readonly batchSize: number;
  /** `MaximumBatchingWindowInSeconds`: how long a batch may wait to fill, 0 to 300. */
  readonly windowSeconds: number;
  /** Batches of one shard at a time, 1 to 10; the order is kept per partition key. */
  readonly parallelizationFactor: number;
  /** Deliveries after the first; -1 is endless. */
  readonly maximumRetryAttempts: number;
  /** Older records are discarded; -1 is never. */
  readonly maximumRecordAgeSeconds: number;
  readonly bisectBatchOnFunctionError: boolean;
  /** Whether `batchItemFailures` in the response is used (`FunctionResponseTypes`). */
  readonly reportBatchItemFailures: boolean;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  /** Up to five, of which a record has to match one: `[{data: {eventName: ['INSERT']}}]`; without any, all pass. */
  readonly filterPatterns: readonly unknown[];
}

/** Timing of a local mapping that is not configurable on AWS: faster than AWS, so that local runs need not wait. */
export interface LocalPace {
  /** The pause before a shard at its tip is read again; AWS polls once a second. */
  readonly pollMs: number;
  /** The pause before the first retry; it doubles up to `maxRetryDelayMs`. */
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;
  /** Records read ahead of the function, per shard: more are asked for only when fewer are waiting. */
  readonly readAheadRecords: number;
}

export const DEFAULT_SETTINGS: EventSourceSettings = {
  batchSize: 100,
  windowSeconds: 0,
  parallelizationFactor: 1,
  maximumRetryAttempts: -1,
  maximumRecordAgeSeconds: -1,
  bisectBatchOnFunctionError: false,
  reportBatchItemFailures: false,
  startingPosition: 'TRIM_HORIZON',
  filterPatterns: [],
};

export const DEFAULT_PACE: LocalPace = {
  pollMs: 100,
  retryDelayMs: 50,
  maxRetryDelayMs: 2_000,
  readAheadRecords: 10_000,
};
