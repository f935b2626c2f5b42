/** Identifies a record of the stream. */
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
  /** When the stream received it, in ms since 1970; absent where the event does not have it. */
  readonly arrivedMs?: number | undefined;
}
