import type { AttributeMap } from '../../dynamodb-json/attributes.ts';
import type { RejectCode } from '../../errors.ts';
import type { Models } from '../../tasks/model.ts';
import type { TextPlaces } from '../../tasks/task.ts';
import type { Meter } from '../meter.ts';
import type { ObjectHead, ObjectStore } from './object-store.ts';

/** `jsonl`, `csv`, `tsv` and `text` may be compressed with gzip. */
export type ObjectFormatName = 'jsonl' | 'csv' | 'tsv' | 'text' | 'parquet' | 'dynamodb-export';

export interface ObjectSettings extends TextPlaces {
  readonly maxTextCharacters: number;
  /** The attribute by which a line names its model. */
  readonly modelAttribute: string;
  /** The first of these that a line has is its id in the output; else it is the line's number. */
  readonly idAttributes: readonly string[];
  /** Of the table, for the ids of the items of an export; `idAttributes` are used without it. */
  readonly keyAttributes?: readonly string[] | undefined;
  /** That of the key's suffix, unless given. */
  readonly format?: ObjectFormatName | undefined;
  /** Output lines hold the input's fields, too. Those of tables (CSV, TSV) always do. */
  readonly join: boolean;
  /** A longer line is an error. */
  readonly maxLineBytes: number;
  /** Bytes of input that a shard has. */
  readonly shardBytes: number;
  /** Lines that are classified at a time. */
  readonly chunkSize: number;
  readonly output: OutputSettings;
}

export interface OutputSettings {
  readonly bucket: string;
  readonly prefix: string;
  /**
   * `versioned`: `<prefix><model@version>/<version of the object>/<key>.out`, names that are never written twice.
   * `plain`: `<prefix><key>.out`; another run of the object replaces it.
   */
  readonly naming: 'versioned' | 'plain';
}

/** One version of an object, and one model: all that the names of its output and parts depend on. */
export interface ObjectRun {
  /** Of this run with these settings. */
  readonly id: string;
  readonly source: ObjectHead;
  /** `name@version` */
  readonly model: string;
}

/** A share of an object: the lines that start in a range of its bytes; of a Parquet file, a range of its rows. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  /** Of all shards of the run. */
  readonly count: number;
  readonly start: number;
  readonly end: number;
  /** The lines of the object before it. */
  readonly line: number;
}

/** A shard to work on: plain JSON, for a message or a line of a plan. */
export interface ShardTask {
  readonly run: ObjectRun;
  readonly shard: Shard;
}

export interface ObjectParts {
  readonly store: ObjectStore;
  readonly models: Models;
  readonly settings: ObjectSettings;
  readonly meter?: Meter | undefined;
  /** Milliseconds; without it the manifest has no seconds. */
  readonly now?: (() => number) | undefined;
}

export type ObjectOutcome =
  /** All shards are done, and the manifest is written: now, or before. */
  | { readonly kind: 'done'; readonly manifest: Manifest }
  /** This shard is done, others are not. */
  | { readonly kind: 'partial' }
  /** The object was deleted or replaced before it was read; nothing of it is left. */
  | { readonly kind: 'superseded'; readonly reason: string };

/** A record of an object, for callers that do something else with it. */
export interface ObjectRecord {
  /** The value that is its id, or its number from 1. */
  readonly id: unknown;
  readonly item: AttributeMap;
}

/** Why a line has no answer; reasons of records are reasons of lines, too. */
export type LineErrorCode = RejectCode | 'no-text' | 'line-too-long' | 'ragged-row' | 'bad-parquet';

export interface LineError {
  readonly code: LineErrorCode;
  readonly message: string;
}

/** Why an object, or the rest of it, could not be read. */
export type ObjectFaultCode =
  | 'empty'
  | 'unknown-format'
  | 'missing-column'
  | 'bad-gzip'
  | 'bad-csv'
  | 'bad-parquet'
  /** It cannot be divided, and is more than an invocation can do. */
  | 'object-too-large';

export interface ObjectFault {
  readonly code: ObjectFaultCode;
  readonly message: string;
}

export interface Counts {
  /** Records: rows of a table, lines of others. */
  readonly lines: number;
  readonly labelled: number;
  /** Lines without an answer, by reason. */
  readonly errors: Readonly<Partial<Record<LineErrorCode, number>>>;
}

export interface ShardSummary {
  /** Where it starts in the output. */
  readonly start: number;
  /** Of the output. */
  readonly bytes: number;
  readonly lines: number;
  /** Of these bytes of the output. */
  readonly sha256: string;
}

/** What became of a run: written last, when all of its output is there. */
export interface Manifest {
  /** `incomplete`: `error` says from where on the object could not be read. `failed`: there is no output. */
  readonly status: 'complete' | 'incomplete' | 'failed';
  readonly error?: ObjectFault | undefined;
  readonly run: string;
  /** `name@version` */
  readonly model: string;
  readonly source: ObjectHead;
  readonly output?: { readonly bucket: string; readonly key: string; readonly bytes: number } | undefined;
  readonly counts: Counts;
  readonly shards: readonly ShardSummary[];
  /** Of work, all shards together. */
  readonly seconds?: number | undefined;
}
