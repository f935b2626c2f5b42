import { PermanentError, unreadable } from '../errors.ts';
import type { Change } from './coalesce.ts';
import type { Deadline } from './deadline.ts';
import { type ChangeRecord, decodeJson, unpackedText } from './records/decode.ts';
import { type DocumentSettings, type ItemRef, itemOf, type Verdict, verdictOf } from './items/document.ts';
import type { Models } from '../tasks/model.ts';
import type { Rejected } from './outcome.ts';
import type { UserRecord } from './records/unpack.ts';

/** A record that has been read, and what there is to do about it. */
export interface Parsed extends Change {
  readonly verdict: Verdict | Rejected;
  /** Why the record is rejected, where that is known without a model. */
  readonly error: PermanentError | undefined;
}

export interface ParseSettings extends DocumentSettings {
  /** The most characters that a batch unpacks to, and any record of the stream by itself. */
  readonly maxDecodedCharacters?: number;
}

const MAX_DECODED = 64 * 1024 * 1024;

/**
 * Reads the records of a batch, in their order, as far as memory and time allow: a few kilobytes may unpack to very
 * much. What is left is for the next delivery, which begins with it. The first record of the stream is read in any case,
 * so that each delivery makes progress; what it holds beyond the limit by itself is rejected.
 *
 * @returns one result per record that was read, from the first on
 */
export const parseBatch = (
  records: readonly UserRecord[],
  models: Models,
  settings: ParseSettings,
  { remainingMs }: Pick<Deadline, 'remainingMs'>,
): readonly Parsed[] => {
  const { maxDecodedCharacters: most = MAX_DECODED } = settings;
  // As much time is left for what is done with them.
  const enoughMs = remainingMs() / 2;
  const parsed: Parsed[] = [];
  let inBatch = 0;
  let inRecord = 0;
  for (const [index, user] of records.entries()) {
    if (user.record !== records[index - 1]?.record) {
      if (index > 0 && (inBatch >= most || remainingMs() < enoughMs)) break;
      inRecord = 0;
    }
    const one = parse(user, models, settings, most - inRecord);
    inBatch += one.characters;
    inRecord += one.characters;
    parsed.push(one);
  }
  return parsed;
};

const parse = (
  { content, partitionKey, record }: UserRecord,
  models: Models,
  settings: ParseSettings,
  maxCharacters: number,
): Parsed & { readonly characters: number } => {
  let characters = 0;
  let change: ChangeRecord | undefined;
  let item: ItemRef | undefined;
  let verdict: Parsed['verdict'];
  try {
    if (content instanceof PermanentError) throw content;
    if (maxCharacters <= 0) throw tooMuch();
    // No character takes less than a byte.
    const text = unpackedText(content, { maxBytes: maxCharacters });
    characters = text.length;
    change = decodeJson(text);
    item = itemOf(change, partitionKey, settings);
    verdict = verdictOf(change, item, models, settings);
  } catch (error) {
    verdict = { kind: 'rejected', error: unreadable(error) };
  }
  const error = errorOf(verdict);
  return {
    item: item?.name,
    createdMicros: createdBefore(record.arrivedMs, change?.createdMicros),
    changeNumber: change?.changeNumber,
    content: verdict.kind === 'document' ? verdict.document : undefined,
    isReject: error !== undefined,
    verdict,
    error,
    characters,
  };
};

const errorOf = (verdict: Parsed['verdict']): PermanentError | undefined => {
  if (verdict.kind === 'rejected') return verdict.error;
  const input = verdict.kind === 'document' ? verdict.document.input : undefined;
  return input instanceof PermanentError ? input : undefined;
};

/** A change that was made after its record arrived was not made then. An arrival is known to the millisecond. */
const createdBefore = (
  arrivedMs: number | undefined,
  createdMicros: bigint | undefined,
): bigint | undefined =>
  arrivedMs !== undefined &&
  createdMicros !== undefined &&
  createdMicros >= BigInt(Math.floor(arrivedMs) + 1) * 1_000n
    ? undefined
    : createdMicros;

const tooMuch = (): PermanentError =>
  new PermanentError(
    'record-too-large',
    'the record of the stream that brought it unpacks to more than a batch may; give the function more memory',
  );
