import type { AttributeMap } from '../../../dynamodb-json/attributes.ts';
import type { Task } from '../../../tasks/task.ts';
import type { ByteRange, ObjectHead } from '../object-store.ts';
import type { LineError, ObjectFault, ObjectFormatName, ObjectSettings, Shard } from '../run.ts';

/** An object to read, of just this version. */
export interface Source {
  readonly head: ObjectHead;
  /** @throws ObjectError, TransientError */
  read(range?: ByteRange): AsyncIterable<Uint8Array>;
}

/** What a format needs to know of a run. */
export type ReadObjectSettings = Pick<
  ObjectSettings,
  | 'textAttributes'
  | 'textPairAttribute'
  | 'questionAttribute'
  | 'contextAttribute'
  | 'modelAttribute'
  | 'idAttributes'
  | 'keyAttributes'
  | 'join'
  | 'maxLineBytes'
  | 'chunkSize'
> & {
  /** The task of the run's model. */
  readonly task: Task;
  /** Records have all of their attributes, not only those that models need. */
  readonly whole?: boolean;
};

/** A kind of files of records: how they are divided, read, and written again with answers. */
export interface Format {
  readonly name: ObjectFormatName;
  /** Whether a key names such a file. */
  isNamed(key: string): boolean;
  /** Of the output. */
  readonly contentType: string;
  /**
   * Reads what comes before the records.
   *
   * @throws FaultError where the object cannot be read at all; what `source.read` throws
   */
  open(source: Source, settings: ReadObjectSettings): Promise<OpenObject>;
}

/** Where a shard begins and ends. */
export type Span = Pick<Shard, 'start' | 'end' | 'line'>;

export interface OpenObject {
  /** The only task whose answers its output has columns for; undefined where records may have those of any. */
  readonly task?: Task;
  /** Divides the object where records begin, the same way each time. @param bytes that a share should have */
  divide(bytes: number): Promise<readonly Span[]>;
  read(span: Span): ShardReader;
  /** What comes after the records of all shards. @param feet of the shards, in their order */
  tail(feet: readonly Foot[]): Uint8Array;
}

/** What a shard says to the end of the file; empty for formats without one. */
export interface Foot {
  /** Where the shard's share of the output starts. */
  readonly start: number;
  readonly foot: string;
}

export interface ShardReader {
  /** What comes before the shard's records. */
  readonly head: Uint8Array;
  /** @throws FaultError after the last record that can be read; what `source.read` throws */
  chunks(): AsyncIterable<Chunk>;
  /** Once all chunks are written. */
  foot(): string;
}

/** Records that follow each other. */
export interface Chunk {
  readonly records: readonly ReadRecord[];
  /** The records with their results, in the order of both, as bytes of the output. Chunks are written in their order. */
  write(results: readonly LineResult[]): Uint8Array | AsyncIterable<Uint8Array>;
}

/** A record, or why it cannot be read. */
export type ReadRecord =
  { readonly item: AttributeMap; readonly id?: unknown } | { readonly error: LineError };

/** What is said of a record. */
export type LineResult =
  | { readonly fields: Readonly<Record<string, unknown>>; readonly model: string }
  | { readonly error: LineError };

/** An object, or the rest of it, cannot be read, however often it is tried. */
export class FaultError extends Error {
  override readonly name = 'FaultError';
  readonly code: ObjectFault['code'];

  constructor(code: ObjectFault['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const NOTHING = new Uint8Array(0);
