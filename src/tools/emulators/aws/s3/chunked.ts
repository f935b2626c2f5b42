import { S3Error } from './errors.ts';

const incomplete = (): S3Error =>
  new S3Error(400, 'IncompleteBody', 'The request body terminated unexpectedly');

/** Reads bytes by count, and lines up to CR LF. */
const reader = (chunks: AsyncIterator<Buffer>) => {
  let held: Buffer = Buffer.alloc(0);
  const more = async (): Promise<void> => {
    const { done, value } = await chunks.next();
    if (done === true) throw incomplete();
    held = held.length === 0 ? value : Buffer.concat([held, value]);
  };
  return {
    line: async (): Promise<string> => {
      for (;;) {
        const end = held.indexOf('\r\n');
        if (end >= 0) {
          const line = held.subarray(0, end).toString();
          held = held.subarray(end + 2);
          return line;
        }
        if (held.length > 16_384) throw incomplete();
        await more();
      }
    },
    /** At least one byte, and at most so many. */
    some: async (most: number): Promise<Buffer> => {
      if (held.length === 0) await more();
      const taken = held.subarray(0, most);
      held = held.subarray(taken.length);
      return taken;
    },
  };
};

/**
 * The bytes of a body in `aws-chunked` encoding, signed or not, which are not verified. Trailing headers are added to
 * `trailers` at the end.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export async function* decodeChunked(
  body: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    yield* decoded(chunks, trailers);
  } finally {
    // Also where nobody wants the rest: then somebody else may read it.
    await chunks.return?.();
  }
}

async function* decoded(
  chunks: AsyncIterator<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const { line, some } = reader(chunks);
  for (;;) {
    const [size = ''] = (await line()).split(';');
    if (!/^[\da-f]+$/i.test(size)) throw incomplete();
    let left = Number.parseInt(size, 16);
    if (left === 0) break;
    while (left > 0) {
      const bytes = await some(left);
      left -= bytes.length;
      yield bytes;
    }
    if ((await line()) !== '') throw incomplete();
  }
  for (let header = await line(); header !== ''; header = await line()) {
    const colon = header.indexOf(':');
    trailers.set(header.slice(0, colon).trim().toLowerCase(), header.slice(colon + 1).trim());
  }
}
