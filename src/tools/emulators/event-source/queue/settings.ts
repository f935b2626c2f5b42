/**
 * The settings of an event source mapping of a queue, in AWS's units and with its defaults.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
 */
export interface QueueMappingSettings {
  /** Messages per invocation, 1 to 10,000. */
  readonly batchSize: number;
  /** `MaximumBatchingWindowInSeconds`: how long a batch may wait to fill, 0 to 300. */
  readonly windowSeconds: number;
  /** `ScalingConfig.MaximumConcurrency`: invocations at a time, up to 1,000; AWS has at least 2. */
  readonly maximumConcurrency: number;
  /** Whether `batchItemFailures` in the response is used (`FunctionResponseTypes`). */
  readonly reportBatchItemFailures: boolean;
}

/** Timing of a local mapping that is not configurable on AWS. */
export interface QueuePace {
  /** How long a request waits for messages, in seconds. */
  readonly waitSeconds: number;
  /**
   * After how many seconds messages that failed are visible again; without it, as on AWS, when their visibility timeout
   * is over.
   */
  readonly retrySeconds?: number | undefined;
  /** The pause after an invocation that Lambda refused, in ms; it doubles with every further one, up to two seconds. */
  readonly refusedMs: number;
}

export const DEFAULT_QUEUE_SETTINGS: QueueMappingSettings = {
  batchSize: 10,
  windowSeconds: 0,
  maximumConcurrency: 1_000,
  reportBatchItemFailures: false,
};

export const DEFAULT_QUEUE_PACE: QueuePace = { waitSeconds: 5, refusedMs: 50 };

const LIMITS = {
  batchSize: [1, 10_000],
  windowSeconds: [0, 300],
  maximumConcurrency: [1, 1_000],
} as const;

/** @throws RangeError for the first that AWS would refuse */
export const checkQueueSettings = (settings: QueueMappingSettings): QueueMappingSettings => {
  for (const name of Object.keys(LIMITS) as (keyof typeof LIMITS)[]) {
    const [least, most] = LIMITS[name];
    if (settings[name] >= least && settings[name] <= most) continue;
    throw new RangeError(
      `The mapping's ${name} is ${settings[name]}: it has to be between ${least} and ${most}`,
    );
  }
  if (settings.batchSize <= 10 || settings.windowSeconds >= 1) return settings;
  throw new RangeError('A batchSize of more than 10 needs a batching window of a second or more');
};
