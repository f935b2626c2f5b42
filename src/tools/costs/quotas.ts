import type { StreamMode } from './request.ts';

export interface QuotaUse {
  readonly concurrency: number;
  readonly shards: number;
  /** A second, for labels. */
  readonly writeUnits: number;
  readonly streamMode: StreamMode;
}

/** The default quotas of an account in us-east-1. */
const DEFAULTS = {
  concurrency: 1_000,
  shards: 20_000,
  tableUnits: 40_000,
  warmUnits: 4_000,
  onDemandShards: 200,
} as const;

/**
 * Quotas that a plan exceeds, each with the value to request.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 * @see https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
 */
export const quotasOf = ({ concurrency, shards, writeUnits, streamMode }: QuotaUse): readonly string[] => {
  const units = Math.ceil(writeUnits).toLocaleString('en-US');
  return [
    // Other functions of the account need concurrency, too; 100 always stay unreserved.
    ...(concurrency > DEFAULTS.concurrency - 100
      ? [
          `Lambda, concurrent executions: ${concurrency} for this function alone; new accounts have fewer than 1,000`,
        ]
      : []),
    ...(streamMode === 'ON_DEMAND' && shards > DEFAULTS.onDemandShards
      ? [
          `Kinesis, write throughput of an on-demand stream: as ${shards} shards have, over the default of 200 MB/s`,
        ]
      : []),
    ...(streamMode === 'PROVISIONED' && shards > DEFAULTS.shards
      ? [`Kinesis, shards per Region: ${shards}`]
      : []),
    ...(writeUnits > DEFAULTS.tableUnits
      ? [`DynamoDB, write units of a table: ${units} a second for labels alone`]
      : []),
    ...(writeUnits > DEFAULTS.warmUnits && writeUnits <= DEFAULTS.tableUnits
      ? [
          `DynamoDB, no quota, but a new on-demand table takes 4,000 units a second: warm it to ${units} before a first load`,
        ]
      : []),
  ];
};
