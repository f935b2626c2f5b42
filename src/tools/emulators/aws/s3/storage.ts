import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A file with bytes of one body; it is deleted when nothing has them any more. */
interface Blob {
  readonly path: string;
  holders: number;
}

/** Bytes in a file. An object is a list of these: so parts are put together, and copied, without moving a byte. */
export interface Segment {
  readonly blob: Blob;
  readonly start: number;
  readonly length: number;
}

export interface Storage {
  /** Writes the bytes to a file of their own, chunk by chunk. Held once, by the caller. */
  write(chunks: AsyncIterable<Uint8Array>): Promise<Segment>;
  /** The bytes from `start` to before `end`. What is being read stays until it is read. */
  read(segments: readonly Segment[], start: number, end: number): AsyncGenerator<Buffer>;
  /** One more holds them. */
  hold(segments: readonly Segment[]): void;
  /** One less holds them. */
  release(segments: readonly Segment[]): Promise<void>;
}

const CHUNK_BYTES = 256 * 1024;

export const lengthOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { length }) => sum + length, 0);

/** The segments of the bytes from `start` to before `end`. */
export const slice = (segments: readonly Segment[], start: number, end: number): readonly Segment[] => {
  let position = 0;
  return segments.flatMap((segment) => {
    const from = Math.max(start - position, 0);
    const to = Math.min(end - position, segment.length);
    position += segment.length;
    return from < to ? [{ ...segment, start: segment.start + from, length: to - from }] : [];
  });
};

/** Files in a folder that is there. */
export const fileStorage = (folder: string): Storage => {
  let files = 0;

  const hold = (segments: readonly Segment[]): void => {
    for (const { blob } of segments) blob.holders += 1;
  };

  const release = async (segments: readonly Segment[]): Promise<void> => {
    for (const { blob } of segments) {
      blob.holders -= 1;
      if (blob.holders === 0) await rm(blob.path, { force: true });
    }
  };

  const write = async (chunks: AsyncIterable<Uint8Array>): Promise<Segment> => {
    files += 1;
    const blob = { path: join(folder, String(files)), holders: 1 };
    const file = await open(blob.path, 'wx');
    let length = 0;
    try {
      for await (const chunk of chunks) {
        await file.writeFile(chunk);
        length += chunk.length;
      }
    } catch (error) {
      await rm(blob.path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return { blob, start: 0, length };
  };

  async function* readOne({ blob, start, length }: Segment): AsyncGenerator<Buffer> {
    const file = await open(blob.path);
    try {
      for (let position = start; position < start + length;) {
        const size = Math.min(CHUNK_BYTES, start + length - position);
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(size), 0, size, position);
        if (bytesRead === 0) throw new Error(`${blob.path} has lost bytes`);
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }

  async function* read(segments: readonly Segment[], start: number, end: number): AsyncGenerator<Buffer> {
    const read = slice(segments, start, end);
    hold(read);
    try {
      for (const segment of read) yield* readOne(segment);
    } finally {
      await release(read);
    }
  }

  return { write, read, hold, release };
};
