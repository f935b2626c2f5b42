/**
 * Prices in US dollars, us-east-1, without free tiers, as published in 2026. Check them before relying on one:
 * https://aws.amazon.com/lambda/pricing, /dynamodb/pricing/on-demand, /kinesis/data-streams/pricing,
 * /sagemaker/ai/pricing, /api-gateway/pricing, /s3/pricing, /sqs/pricing, /sns/pricing, /eventbridge/pricing,
 * /firehose/pricing, /fargate/pricing, /efs/pricing, /ecr/pricing, /cloudwatch/pricing.
 */
export const PRICES = {
  asOf: '2026',
  region: 'us-east-1',
  lambda: {
    gbSecond: { arm64: 0.0000133334, x86_64: 0.0000166667 },
    request: 0.2e-6,
    /** Provisioned concurrency: a GB kept for a second, and what its executions cost instead of `gbSecond`. */
    provisioned: {
      arm64: { kept: 0.0000033334, gbSecond: 0.0000077778 },
      x86_64: { kept: 0.0000041667, gbSecond: 0.0000097222 },
    },
  },
  dynamodb: {
    /** On demand, for each write of up to 1 KB. */
    write: 0.625e-6,
    /** On demand, for each consistent read of up to 4 KB; an eventually consistent one takes half. */
    read: 0.125e-6,
    /** A GB of a table's size, for an export to S3. */
    exportGB: 0.1,
    /** A GB and month of point-in-time recovery, which exports need. */
    recoveryGB: 0.2,
    /** Provisioned: an hour of a unit that writes 1 KB a second. */
    writeUnitHour: 0.00065,
    /** Kinesis Data Streams for DynamoDB: each change of an item of up to 1 KB. */
    changeCapture: 0.1e-6,
  },
  kinesis: {
    /** Provisioned: a put of up to 25 KB, and an hour of a shard. */
    put: 0.014e-6,
    shardHour: 0.015,
    /** On demand: an hour of a stream, and a GB put or got, each record counted in whole KB. */
    streamHour: 0.04,
    gbIn: 0.08,
    gbOut: 0.04,
  },
  /** Each 512 KB of a request to an HTTP API. */
  apiGateway: { request: 1e-6 },
  s3: {
    /** PUT, COPY, POST and LIST; all others. */
    write: 5e-6,
    read: 0.4e-6,
    /** A GB and month. */
    storageGB: 0.023,
  },
  /** Each 64 KB of a call; FIFO queues cost more. */
  sqs: { request: 0.4e-6, fifoRequest: 0.5e-6 },
  /** Each 64 KB of a call; FIFO topics are charged by message and by GB. */
  sns: { request: 0.5e-6, fifoMessage: 0.3e-6, fifoGB: 0.017 },
  /** Each 64 KB of an event that is put. S3's events, which are turned on, are counted as much: the most they can be. */
  eventBridge: { event: 1e-6 },
  /** A GB, each record counted in whole 5 KB. */
  firehose: { gb: 0.029 },
  fargate: {
    /** An hour of a vCPU and of a GB, from the pull of the image on, for a minute at least. */
    hour: {
      arm64: { vcpu: 0.03238, gb: 0.00356 },
      x86_64: { vcpu: 0.04048, gb: 0.004445 },
    },
    /** The part of it that Spot is cheaper by: AWS changes it as supply and demand do. */
    spotSaves: { least: 0.5, most: 0.7 },
  },
  /** A GB and month, and a GB that is read by elastic throughput. */
  efs: { storageGB: 0.3, readGB: 0.03 },
  /** A GB and month. */
  ecr: { storageGB: 0.1 },
  /** A GB of logs; a metric, an alarm and a dashboard a month. */
  cloudWatch: { logGB: 0.5, metric: 0.3, alarm: 0.1, dashboard: 3 },
  sagemaker: {
    /** The smallest endpoints that are always on; an hour. */
    endpointHour: { 'ml.t3.medium': 0.05, 'ml.t2.medium': 0.056 },
  },
} as const;

export const HOURS_PER_MONTH = 720;

/** The figures of the article for comparisons. */
export const ARTICLE_TEXT = 'scikit-learn in a Python Lambda, the model loaded at each invocation';

/**
 * The article for the comparison (2019, Python, scikit-learn, 192 MB, 50,000 elements in batches of 100): its cost of
 * Lambda, the endpoint that it compares with, and its break-even.
 */
export const ARTICLE = { lambda: 0.0062, endpointPerMonth: 50.4, breakEvenIngests: 8_129 } as const;
