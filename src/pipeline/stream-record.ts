/** Where a record is found again. */
export interface RecordId {
  /** `stream/shardId` */
  readonly shard: string;
  readonly sequenceNumber: string;
}

/** One record of the stream. */
export interface StreamRecord extends RecordId {
  readonly partitionKey: string;
  /** base64, as delivered */
  readonly data: string;
}
