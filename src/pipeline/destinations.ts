import type { PermanentError, TransientError } from '../errors.ts';
import type { Document } from './items/document.ts';
import type { Answer, Model } from '../tasks/model.ts';
import type { Failed, Rejected } from './outcome.ts';
import type { StreamRecord } from './records/stream-record.ts';

/** What is to be written under a model's prefix. */
export interface ModelLabel {
  readonly model: Model;
  /** What it says; why it says nothing; undefined where there is nothing to ask about: what stands there is taken away. */
  readonly answer: Answer | Refusal | undefined;
}

/** An input to which no answer can be given. */
export interface Refusal {
  readonly error: PermanentError;
}

/** The labels to be written for a document, in one go: of one or more of its models. */
export interface LabelWrite {
  readonly document: Document;
  readonly labels: readonly ModelLabel[];
}

/** What became of one write: of all its labels together, or of the worst off. */
export type WriteResult =
  | { readonly kind: 'labelled' | 'unchanged' | 'superseded' }
  | { readonly kind: 'rejected'; readonly error: PermanentError }
  | { readonly kind: 'failed'; readonly error: TransientError };

export interface CallOptions {
  /** Aborts when the invocation has no time left; what is not done by then has failed. */
  readonly signal?: AbortSignal | undefined;
  /** Hears of calls that were made again, because of throttling or a fault on the way. */
  readonly onRetry?: ((calls: number) => void) | undefined;
}

/** Where labels go. Writing the same label again changes nothing. */
export interface LabelStore {
  /** One result per write, in the order of the writes; it does not throw for what AWS answers. */
  put(writes: readonly LabelWrite[], options?: CallOptions): Promise<readonly WriteResult[]>;
}

/** A record that can never be labelled, with all that is needed to look into it and to send it again. */
export interface Reject extends StreamRecord {
  readonly error: PermanentError;
}

/** Where rejects go before they are acknowledged. Storing the same reject again changes nothing. */
export interface RejectStore {
  /** @throws TransientError unless every one of them is stored */
  put(rejects: readonly Reject[], options?: CallOptions): Promise<void>;
}

/** A record to be put into a stream. */
export interface OutgoingRecord {
  readonly partitionKey: string;
  readonly data: Buffer;
}

/** What became of one record: `rejected` is one that the stream never takes. */
export type PutResult = { readonly kind: 'forwarded' } | Rejected | Failed;

/** Where change records go. The records of a partition key arrive in their order. */
export interface RecordStream {
  /** One result per record, in the order of the records; it does not throw for what AWS answers. */
  put(records: readonly OutgoingRecord[], options?: CallOptions): Promise<readonly PutResult[]>;
}
