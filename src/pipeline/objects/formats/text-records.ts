import { isUtf8 } from 'node:buffer';
import type { LineError } from '../run.ts';
import { FaultError } from './format.ts';
import type { Splitter } from './splitters.ts';

/** Records of a text that follow each other, without their line breaks. */
export interface TextChunk {
  readonly texts: readonly TextRecord[];
  /** The number of the first, from 1. */
  readonly number: number;
}

/** A text, or why it is none; where it is not UTF-8 as far as it can be read. */
export type TextRecord = string | { readonly error: LineError; readonly text: string };

export interface TextLimits {
  readonly maxLineBytes: number;
  /** Records of a chunk. */
  readonly chunkSize: number;
}

/** A chunk has no more than this much of long records. */
const CHUNK_BYTES = 4 * 2 ** 20;

const RETURN = 0x0d;

/**
 * Splits bytes into records. A record that is too long is skipped, not kept; the last one needs no line break.
 *
 * @param line the records before the first
 * @throws FaultError of the source after the last whole record (`bad-csv` where a quoted field never ends)
 */
export async function* textRecords(
  source: AsyncIterable<Uint8Array>,
  splitter: Splitter,
  { maxLineBytes, chunkSize }: TextLimits,
  line: number,
): AsyncGenerator<TextChunk> {
  const tooLong: TextRecord = {
    error: { code: 'line-too-long', message: `the line has more than ${maxLineBytes} bytes` },
    text: '',
  };
  let number = line + 1;
  let texts: TextRecord[] = [];
  let bytes = 0;
  const add = (record: TextRecord, length: number): TextChunk | undefined => {
    texts.push(record);
    bytes += length;
    if (texts.length < chunkSize && bytes < CHUNK_BYTES) return undefined;
    return flush();
  };
  const flush = (): TextChunk => {
    const chunk = { texts, number };
    number += texts.length;
    texts = [];
    bytes = 0;
    return chunk;
  };
  /** The beginning of a record whose end has not been read. */
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  const hold = (part: Uint8Array): void => {
    begunBytes += part.length;
    if (begunBytes > maxLineBytes) begun = [];
    // A copy, because a part of a few bytes would keep all that it was read with.
    else if (part.length > 0) begun.push(Buffer.from(part));
  };
  const whole = (): TextRecord => (begunBytes > maxLineBytes ? tooLong : textOf(Buffer.concat(begun)));

  let fault: FaultError | undefined;
  const faultOf = (error: unknown): FaultError => {
    if (error instanceof FaultError) return error;
    throw error;
  };
  const reader = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await reader.next().catch((error: unknown) => {
        fault = faultOf(error);
      });
      if (next === undefined || next.done === true) break;
      const read = next.value;
      const buffer = Buffer.from(read.buffer, read.byteOffset, read.byteLength);
      const ends = splitter.ends(buffer);
      let [start = 0] = ends;
      const end = ends.at(-1) ?? 0;
      if (ends.length > 0) {
        hold(buffer.subarray(0, start - 1));
        const chunk = add(whole(), begunBytes);
        [begun, begunBytes] = [[], 0];
        if (chunk !== undefined) yield chunk;
      }
      const isSound = isUtf8(buffer.subarray(start, end));
      for (let index = 1; index < ends.length; index += 1) {
        const after = ends[index] ?? end;
        const length = after - 1 - start;
        const chunk = add(
          length > maxLineBytes
            ? tooLong
            : isSound
              ? soundText(buffer, start, after - 1)
              : textOf(buffer.subarray(start, after - 1)),
          length,
        );
        if (chunk !== undefined) yield chunk;
        start = after;
      }
      hold(buffer.subarray(end));
    }
  } finally {
    await reader.return?.();
  }
  if (splitter.isQuoted())
    fault ??= new FaultError(
      'bad-csv',
      `a quoted field that begins in record ${number + texts.length} never ends; close its quote`,
    );
  else if (begunBytes > 0 && fault === undefined) {
    const chunk = add(whole(), begunBytes);
    if (chunk !== undefined) yield chunk;
  }
  if (texts.length > 0) yield flush();
  if (fault !== undefined) throw fault;
}

const soundText = (buffer: Buffer, start: number, end: number): string =>
  buffer.toString('utf8', start, end > start && buffer[end - 1] === RETURN ? end - 1 : end);

const textOf = (record: Buffer): TextRecord => {
  const text = soundText(record, 0, record.length);
  if (isUtf8(record)) return text;
  return { error: { code: 'bad-utf8', message: 'the line is not UTF-8' }, text };
};
