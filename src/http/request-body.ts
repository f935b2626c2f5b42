import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Problem } from './problem.ts';

type Decompress = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>;

/** They stop at `maxOutputLength`: a small body that would unpack to a large one takes no more memory than that. */
const decompressors: ReadonlyMap<string, Decompress> = new Map<string, Decompress>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The body of a request as text.
 *
 * @param limit in bytes, as sent and decompressed
 * @throws Problem (400 for bytes that are not what they should be, 413, 415)
 */
export const readBody = async (request: Request, limit: number): Promise<string> => {
  const { headers } = request;
  checkCharset(headers.get('content-type'));
  const decompress = decompressorOf(headers.get('content-encoding'));
  const length = lengthOf(headers.get('content-length'));
  if (length !== undefined && length > limit) throw tooLarge(limit);
  // A body whose length is known, which the host keeps to, is read at once; of another one no more than the limit.
  const sent =
    length === undefined ? await readStream(request, limit) : new Uint8Array(await received(request));
  if (sent.byteLength > limit) throw tooLarge(limit);
  const bytes = decompress === undefined ? sent : await decompressed(sent, decompress, limit);
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new Problem('BadRequest', 'the body is not valid UTF-8', { cause });
  }
};

const lengthOf = (header: string | null): number | undefined =>
  header !== null && /^\d+$/.test(header) ? Number(header) : undefined;

const tooLarge = (limit: number): Problem =>
  new Problem('TooLarge', `the body has more than ${limit} bytes, which is the limit; send several requests`);

const received = async (request: Request): Promise<ArrayBuffer> => {
  try {
    return await request.arrayBuffer();
  } catch (cause) {
    throw new Problem('BadRequest', 'the body did not arrive as a whole', { cause });
  }
};

const readStream = async ({ body }: Request, limit: number): Promise<Uint8Array> => {
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as ReadableStream<Uint8Array>) {
      bytes += chunk.byteLength;
      // Leaving the loop cancels the stream.
      if (bytes > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem('BadRequest', 'the body did not arrive as a whole', { cause });
  }
  return Buffer.concat(chunks, bytes);
};

const decompressorOf = (encoding: string | null): Decompress | undefined => {
  const name = (encoding ?? '').trim().toLowerCase();
  if (name === '' || name === 'identity') return undefined;
  const decompress = decompressors.get(name);
  if (decompress !== undefined) return decompress;
  throw new Problem('UnsupportedMediaType', 'Content-Encoding should be gzip, deflate, br or none', {
    headers: { 'Accept-Encoding': 'gzip, deflate, br' },
  });
};

const decompressed = async (bytes: Uint8Array, decompress: Decompress, limit: number): Promise<Buffer> => {
  try {
    return await decompress(bytes, { maxOutputLength: limit });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit);
    throw new Problem('BadRequest', 'the body is not what Content-Encoding says', { cause });
  }
};

const CHARSETS: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

const checkCharset = (contentType: string | null): void => {
  const [, charset] = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(contentType ?? '') ?? [];
  if (charset === undefined || CHARSETS.has(charset.toLowerCase())) return;
  throw new Problem('UnsupportedMediaType', 'the charset of the body should be utf-8');
};

/** The media type of a body, in lower case and without parameters; undefined where the header is missing. */
export const mediaTypeOf = (request: Request): string | undefined => {
  const header = request.headers.get('content-type');
  if (header === null || header.trim() === '') return undefined;
  return header.split(';', 1)[0]?.trim().toLowerCase();
};

/** Whether a body says it is JSON, or nothing. */
export const isJson = (type: string | undefined): boolean =>
  type === undefined || type === 'application/json' || /^application\/[\w.!#$&^-]+\+json$/.test(type);
