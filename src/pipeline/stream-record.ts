/** One record of the stream. */
export interface StreamRecord {
  /** `stream/shardId` */
  readonly shard: string;
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  /** base64, as delivered */
  readonly data: string;
}
