import type { PermanentError, TransientError } from '../errors.ts';
import type { AttributeMap } from '../dynamodb-json/attributes.ts';
import type { Document } from './items/document.ts';
import type { Answer, Model } from '../tasks/model.ts';
import type { Failed, Rejected } from './outcome.ts';
import type { StreamRecord } from './records/stream-record.ts';

/** What is to be written under a model's prefix. */
export interface ModelLabel {
  readonly model: Model;
  /** The answer, or why there is none; undefined where the item has no input: then its label is removed. */
  readonly answer: Answer | Refusal | undefined;
}

/** An input that a model could not answer. */
export interface Refusal {
  readonly error: PermanentError;
}

/** The labels to write for a document, in one write: of one or more of its models. */
export interface LabelWrite {
  readonly document: Document;
  readonly labels: readonly ModelLabel[];
}

/** The result of one write: of all its labels together, or the worst of them. */
export type WriteResult =
  | { readonly kind: 'labelled' | 'unchanged' | 'superseded' }
  | { readonly kind: 'rejected'; readonly error: PermanentError }
  | { readonly kind: 'failed'; readonly error: TransientError };

export interface CallOptions {
  /** Aborts when the invocation has no time left; what is not done by then counts as failed. */
  readonly signal?: AbortSignal | undefined;
  /** Receives the number of calls that were retried, because of throttling or a network error. */
  readonly onRetry?: ((calls: number) => void) | undefined;
}

/** Where labels are written. Writing the same label again changes nothing. */
export interface LabelStore {
  /** One result per write, in the order of the writes; an error from AWS is a result, not an exception. */
  put(writes: readonly LabelWrite[], options?: CallOptions): Promise<readonly WriteResult[]>;
}

/** A record that can never be labelled, with all that is needed to inspect it and to send it again. */
export interface Reject extends StreamRecord {
  readonly error: PermanentError;
}

/** Where rejects are stored before they are acknowledged. Storing the same reject again changes nothing. */
export interface RejectStore {
  /** @throws TransientError unless every one of them is stored */
  put(rejects: readonly Reject[], options?: CallOptions): Promise<void>;
}

/** A record to be put into a stream. */
export interface OutgoingRecord {
  readonly partitionKey: string;
  readonly data: Buffer;
}

/** The result of one record: `rejected` is one that the stream never accepts. */
export type PutResult = { readonly kind: 'forwarded' } | Rejected | Failed;

/** Where change records are sent. The records of a partition key arrive in their order. */
export interface RecordStream {
  /** One result per record, in the order of the records; an error from AWS is a result, not an exception. */
  put(records: readonly OutgoingRecord[], options?: CallOptions): Promise<readonly PutResult[]>;
}

/** A CloudEvent: that an item has a label. Equal labels of an item are equal events, with the same id. */
export interface LabelEvent {
  readonly specversion: '1.0';
  /** The sha256 of the item's key, the model, the hash of the content, and the answer. */
  readonly id: string;
  readonly source: string;
  readonly type: 'labelstream.item.labelled.v1';
  /** The item: its table and key, `documents{"id":{"S":"a"}}`. */
  readonly subject: string;
  /** When the change was made that the label is for, in RFC 3339; absent where that is not known. */
  readonly time?: string;
  readonly datacontenttype: 'application/json';
  readonly data: {
    readonly table: string;
    /** The item's key, in DynamoDB JSON. */
    readonly keys: AttributeMap;
    /** `name@version` */
    readonly model: string;
    /** The prefix of the attributes that the item has the label in. */
    readonly attribute: string;
    /** The hash of the content that was classified, as the item has it beside the label; never the content itself. */
    readonly hash: string;
    /** The attributes of the answer as JSON, under the prefix of its task (`label`), whatever that on the item is. */
    readonly answer: Readonly<Record<string, unknown>>;
  };
}

/** Where it is told that items have labels. The events of an item arrive in their order, where the destination has one. */
export interface Forwarder {
  /** One result per event, in the order of the events; an error from AWS is a result, not an exception. */
  put(events: readonly LabelEvent[], options?: CallOptions): Promise<readonly PutResult[]>;
}
