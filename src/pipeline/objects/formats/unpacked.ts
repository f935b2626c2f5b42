import { createGunzip } from 'node:zlib';
import { FaultError } from './format.ts';

const MARK = Buffer.from('\uFEFF');
const GZIP = Buffer.from([0x1f, 0x8b]);

/** Bytes of compressed data that are unpacked at a time: all but the last of them before a fault are used. */
const PIECE_BYTES = 16 * 1024;

/** The text of an object from its start. */
export interface Unpacked {
  readonly isCompressed: boolean;
  /** Bytes of a byte order mark, which `bytes` do not have. */
  readonly markBytes: number;
  /** To be read, or else closed by `return`: reading the object has begun. */
  readonly bytes: AsyncIterableIterator<Uint8Array>;
}

/**
 * The bytes of an object from its start, without compression (gzip, by its first bytes) and byte order mark.
 *
 * @throws FaultError (`bad-gzip`) while they are read; what was read before it is the same each time
 */
export const unpacked = async (source: AsyncIterable<Uint8Array>): Promise<Unpacked> => {
  const raw = await begun(source, MARK.length);
  const isCompressed = raw.start.subarray(0, GZIP.length).equals(GZIP);
  const text = isCompressed ? await begun(gunzipped(following(raw.start, raw.rest)), MARK.length) : raw;
  const markBytes = text.start.subarray(0, MARK.length).equals(MARK) ? MARK.length : 0;
  return { isCompressed, markBytes, bytes: following(text.start.subarray(markBytes), text.rest) };
};

/** The first bytes, that many unless there are no more, and those after them. */
const begun = async (source: AsyncIterable<Uint8Array>, least: number) => {
  const iterator = source[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let length = 0;
  while (length < least) {
    const next = await iterator.next().catch((error: unknown) => ({ error }));
    // A fault right at the start comes after the bytes before it, like any other.
    if ('error' in next) return { start: Buffer.concat(read), rest: failing(next.error) };
    if (next.done === true) break;
    read.push(next.value);
    length += next.value.length;
  }
  return { start: Buffer.concat(read), rest: iterator };
};

const failing = (error: unknown): AsyncIterator<Uint8Array> => ({
  next: async () => {
    throw error;
  },
});

/** Bytes, and then those of an iterator, which is closed with it even where nothing was read. */
const following = (start: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncIterableIterator<Uint8Array> => {
  let isAtStart = start.length > 0;
  const all: AsyncIterableIterator<Uint8Array> = {
    next: async () => {
      if (!isAtStart) return rest.next();
      isAtStart = false;
      return { value: start, done: false };
    },
    return: async () => {
      await rest.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => all,
  };
  return all;
};

/**
 * Unpacks gzip of one member or of several; bytes after the last that are no member are ignored. It is fed pieces of one
 * size, so that a fault ends it at the same byte however the data arrives.
 *
 * @throws FaultError (`bad-gzip`)
 */
async function* gunzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  let ready: Buffer[] = [];
  gunzip.on('data', (bytes: Buffer) => ready.push(bytes));
  const failed = new Promise<never>((_, reject) => gunzip.once('error', reject));
  failed.catch(() => undefined);
  const ended = new Promise<void>((resolve) => gunzip.once('end', resolve));
  const taken = (): Buffer[] => {
    const all = ready;
    ready = [];
    return all;
  };
  let cause: unknown;
  try {
    for await (const piece of pieces(source)) {
      const fed = new Promise<void>((resolve) => gunzip.write(piece, () => resolve()));
      cause = await Promise.race([fed, failed]).catch((error: unknown) => error);
      yield* taken();
      if (cause !== undefined) break;
    }
    if (cause === undefined) {
      gunzip.end();
      cause = await Promise.race([ended, failed]).catch((error: unknown) => error);
      yield* taken();
    }
  } finally {
    gunzip.destroy();
  }
  if (cause !== undefined)
    throw new FaultError(
      'bad-gzip',
      'the gzip data is damaged or cut off; what could be unpacked of it was read',
      {
        cause,
      },
    );
}

/** The same bytes in pieces of one size. */
async function* pieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const bytes of source) {
    let at = 0;
    while (length + bytes.length - at >= PIECE_BYTES) {
      const end = at + PIECE_BYTES - length;
      yield length === 0 ? bytes.subarray(at, end) : Buffer.concat([...held, bytes.subarray(at, end)]);
      held = [];
      length = 0;
      at = end;
    }
    if (at < bytes.length) {
      held.push(bytes.subarray(at));
      length += bytes.length - at;
    }
  }
  if (length > 0) yield Buffer.concat(held);
}
