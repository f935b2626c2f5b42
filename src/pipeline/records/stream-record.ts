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
  /** When the stream took it, in ms since 1970, where the event says so. */
  readonly arrivedMs?: number | undefined;
}
