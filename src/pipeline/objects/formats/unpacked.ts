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
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * The bytes of an object from its start, without compression (gzip, by its first bytes) and byte order mark.
 *
 * @throws FaultError (`bad-gzip`) while they are read; what was read before it is the same each time
 */
export const unpacked = async (source: AsyncIterable<Uint8Array>): Promise<Unpacked> => {
  const raw = await begun(source, GZIP.length);
  const isCompressed = raw.start.subarray(0, GZIP.length).equals(GZIP);
  const { start, all } = isCompressed
    ? await begun(gunzipped(raw.all), MARK.length)
    : await begun(raw.all, MARK.length);
  const markBytes = start.subarray(0, MARK.length).equals(MARK) ? MARK.length : 0;
  return { isCompressed, markBytes, bytes: markBytes === 0 ? all : without(markBytes, all) };
};

/** Reads until there are that many bytes, or no more. */
const begun = async (source: AsyncIterable<Uint8Array>, least: number) => {
  const rest = source[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let length = 0;
  let failure: { readonly error: unknown } | undefined;
  while (length < least) {
    // A fault right at the start comes after the bytes before it, like any other.
    const next = await rest.next().catch((error: unknown) => {
      failure = { error };
      return { done: true } as const;
    });
    if (next.done === true) break;
    read.push(next.value);
    length += next.value.length;
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* read;
    if (failure !== undefined) throw failure.error;
    yield* { [Symbol.asyncIterator]: () => rest };
  }
  return { start: Buffer.concat(read), all: all() };
};

async function* without(count: number, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const bytes of source) {
    const skipped = Math.min(left, bytes.length);
    left -= skipped;
    if (skipped < bytes.length) yield skipped === 0 ? bytes : bytes.subarray(skipped);
  }
}

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
