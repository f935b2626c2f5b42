/**
 * Prices in US dollars, us-east-1, without free tiers, as published in 2026. Check them before relying on one:
 * https://aws.amazon.com/lambda/pricing, /dynamodb/pricing/on-demand, /kinesis/data-streams/pricing,
 * /sagemaker/ai/pricing.
 */
export const PRICES = {
  asOf: '2026',
  region: 'us-east-1',
  lambda: {
    gbSecond: { arm64: 0.0000133334, x86_64: 0.0000166667 },
    request: 0.2e-6,
  },
  dynamodb: {
    /** On demand, for each write of up to 1 KB. */
    write: 0.625e-6,
    /** On demand, for each consistent read of up to 4 KB; an eventually consistent one takes half. */
    read: 0.125e-6,
    /** A GB of a table's size, for an export to S3. */
    exportGB: 0.1,
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
