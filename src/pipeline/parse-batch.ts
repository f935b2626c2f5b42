import { PermanentError, TransientError, unreadable } from '../errors.ts';
import type { Change } from './coalesce.ts';
import type { Deadline } from './deadline.ts';
import { type ChangeRecord, decodeUnpacked, mostUnpacked, unpacked } from './records/decode.ts';
import { type DocumentSettings, type ItemRef, itemOf, type Verdict, verdictOf } from './items/document.ts';
import type { Models } from '../tasks/model.ts';
import type { Failed, Rejected } from './outcome.ts';
import type { UserRecord } from './records/unpack.ts';

/** A record that has been read, and what to do about it. */
export interface Parsed extends Change {
  readonly verdict: Verdict | Rejected | Failed;
  /** Why the record is rejected, where that is known without a model. */
  readonly error: PermanentError | undefined;
}

export interface ParseSettings extends DocumentSettings {
  /** The most bytes that a batch may unpack to, and any record of the stream by itself. */
  readonly maxDecodedBytes?: number;
}

const MAX_DECODED = 64 * 1024 * 1024;

/**
 * Reads the records of a batch, in their order, as far as memory and time allow: a few kilobytes may unpack to many
 * megabytes. The rest is left for the next delivery, which begins with it. The first record of the stream is read in
 * any case, so that each delivery makes progress; user records in it beyond the limit are rejected.
 *
 * @returns one result per record that was read, from the first on
 */
export const parseBatch = (
  records: readonly UserRecord[],
  models: Models,
  settings: ParseSettings,
  { remainingMs }: Pick<Deadline, 'remainingMs'>,
): readonly Parsed[] => {
  const { maxDecodedBytes: most = MAX_DECODED } = settings;
  // The other half of the time is for classifying and storing.
  const enoughMs = remainingMs() / 2;
  const parsed: Parsed[] = [];
  let inBatch = 0;
  let inRecord = 0;
  for (const [index, user] of records.entries()) {
    const { record, content } = user;
    if (content === undefined) break;
    if (record !== records[index - 1]?.record) {
      if (index > 0 && (inBatch >= most || remainingMs() < enoughMs)) break;
      inRecord = 0;
    }
    const one = parse({ ...user, content }, models, settings, most - inRecord);
    inBatch += one.bytes;
    inRecord += one.bytes;
    parsed.push(one);
  }
  return parsed;
};

const parse = (
  { content, partitionKey, record }: UserRecord & { readonly content: Buffer | PermanentError },
  models: Models,
  settings: ParseSettings,
  maxBytes: number,
): Parsed & { readonly bytes: number } => {
  let bytes = 0;
  let change: ChangeRecord | undefined;
  let item: ItemRef | undefined;
  let verdict: Parsed['verdict'];
  try {
    if (content instanceof PermanentError) throw content;
    if (maxBytes <= 0) throw tooMuch();
    // A record that fails has used memory and time, too.
    bytes = mostUnpacked(content, { maxBytes });
    const data = unpacked(content, { maxBytes });
    bytes = data.length;
    change = decodeUnpacked(data);
    item = itemOf(change, partitionKey, settings);
    verdict = verdictOf(change, item, models, settings);
  } catch (error) {
    // Not known now what a name of a model stands for: the record itself is as good as any.
    verdict =
      error instanceof TransientError
        ? { kind: 'failed', error }
        : { kind: 'rejected', error: unreadable(error) };
  }
  const error = errorOf(verdict);
  return {
    item: item?.name,
    createdMicros: credible(change?.createdMicros, record.arrivedMs),
    changeNumber: change?.changeNumber,
    content: verdict.kind === 'document' ? verdict.document : undefined,
    isReject: error !== undefined,
    bearsLabel: settings.forwards === true && bearsLabel(verdict),
    verdict,
    error,
    bytes,
  };
};

/** Whether an item has a label of its content, or a part of its labels. */
const bearsLabel = (verdict: Parsed['verdict']): boolean =>
  verdict.kind === 'skipped'
    ? verdict.reason === 'already-labelled'
    : verdict.kind === 'document' && verdict.isPart === true;

const errorOf = (verdict: Parsed['verdict']): PermanentError | undefined => {
  if (verdict.kind === 'rejected') return verdict.error;
  const input = verdict.kind === 'document' ? verdict.document.input : undefined;
  return input instanceof PermanentError ? input : undefined;
};

/** No stream keeps records for longer. */
const YEAR_MICROS = 366n * 86_400_000_000n;

/**
 * The time of a change, if it is plausible: not after the arrival of its record, nor more than a year before. A time in
 * a wrong unit is off by decades. An arrival is known to the millisecond.
 */
const credible = (createdMicros: bigint | undefined, arrivedMs: number | undefined): bigint | undefined => {
  if (createdMicros === undefined || arrivedMs === undefined) return createdMicros;
  const waited = BigInt(Math.floor(arrivedMs) + 1) * 1_000n - createdMicros;
  return waited > 0n && waited < YEAR_MICROS ? createdMicros : undefined;
};

const tooMuch = (): PermanentError =>
  new PermanentError(
    'record-too-large',
    'the record of the stream that brought it unpacks to more than a batch may; give the function more memory',
  );
