import type { Failed } from './outcome.ts';
import type { CallOptions } from './destinations.ts';

/** A record to be put into a stream. */
export interface OutgoingRecord {
  readonly partitionKey: string;
  readonly data: Buffer;
}

/** What became of one record. */
export type PutResult = { readonly kind: 'forwarded' } | Failed;

/** Where change records go. The records of a partition key arrive in their order. */
export interface RecordStream {
  /** One result per record, in the order of the records; it does not throw for what AWS answers. */
  put(records: readonly OutgoingRecord[], options?: CallOptions): Promise<readonly PutResult[]>;
}
