import type { ByteRange } from '../object-store.ts';
import {
  type Chunk,
  FaultError,
  NOTHING,
  type OpenObject,
  type ReadObjectSettings,
  type Source,
  type Span,
} from './format.ts';
import type { Splitter } from './splitters.ts';
import { type TextChunk, textRecords } from './text-records.ts';
import { unpacked } from './unpacked.ts';

/** What the records of a text are. */
export interface TextLayout {
  readonly splitter: () => Splitter;
  /** The first record is no line, but a header, which the output begins with. */
  readonly header?: Uint8Array | undefined;
  readonly chunkOf: (chunk: TextChunk) => Chunk;
}

/** An object whose records are pieces of its text. @throws FaultError (`empty`) */
export const textObject = (source: Source, settings: ReadObjectSettings, layout: TextLayout): OpenObject => ({
  divide: (bytes) => spansOf(source, layout.splitter(), bytes),
  read: (span) => ({
    head: (span.start === 0 ? layout.header : undefined) ?? NOTHING,
    chunks: () => chunksOf(source, settings, layout, span),
    foot: () => '',
  }),
  tail: () => NOTHING,
});

/** The whole object is read to find where records begin and to count them, unless it is one share or compressed. */
const spansOf = async (source: Source, splitter: Splitter, bytes: number): Promise<readonly Span[]> => {
  const { size } = source.head;
  const whole = { start: 0, end: size, line: 0 };
  if (size <= bytes) return [whole];
  const text = await unpacked(source.read());
  if (text.isCompressed) {
    await text.bytes.return?.();
    return [whole];
  }
  const spans: Span[] = [];
  let span = { start: 0, line: 0 };
  let line = 0;
  let at = text.markBytes;
  for await (const read of text.bytes) {
    for (const end of splitter.ends(read)) {
      line += 1;
      if (at + end - span.start < bytes) continue;
      spans.push({ ...span, end: at + end });
      span = { start: at + end, line };
    }
    at += read.length;
  }
  return span.start < size ? [...spans, { ...span, end: size }] : spans;
};

async function* chunksOf(
  source: Source,
  settings: ReadObjectSettings,
  { splitter, header, chunkOf }: TextLayout,
  span: Span,
): AsyncGenerator<Chunk> {
  const isFirst = span.start === 0;
  const raw = source.read(rangeOf(source, span));
  const bytes = isFirst ? (await unpacked(raw)).bytes : raw;
  let isHeader = header !== undefined && isFirst;
  let isEmpty = true;
  for await (const { texts, number } of textRecords(bytes, splitter(), settings, span.line)) {
    isEmpty = false;
    const lines = isHeader ? texts.slice(1) : texts;
    // Rows are numbered without the header.
    const first = header === undefined || isHeader ? number : number - 1;
    isHeader = false;
    if (lines.length > 0) yield chunkOf({ texts: lines, number: first });
  }
  if (isEmpty && isFirst) throw empty(source);
}

const rangeOf = ({ head }: Source, { start, end }: Span): ByteRange | undefined =>
  start === 0 && end === head.size ? undefined : { start, end };

export const empty = ({ head }: Source): FaultError => new FaultError('empty', `${head.key} has no lines`);

/** @throws FaultError (`empty`) where the object has no bytes */
export const requireBytes = (source: Source): void => {
  if (source.head.size === 0) throw empty(source);
};
