import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { checkDigest, checksumHeader, createChecksum } from './checksums.ts';
import { decodeChunked } from './chunked.ts';
import { S3Error } from './errors.ts';
import type { Segment, Storage } from './storage.ts';

/** A body that has come whole, and as its sender meant it. */
export interface ReceivedBody {
  readonly segment: Segment;
  /** MD5 in hex, as the ETag of what is not encrypted. */
  readonly md5: string;
  /** The checksum that came with it, by its header. */
  readonly checksum: readonly [header: string, value: string] | undefined;
}

const isChunked = (headers: IncomingHttpHeaders): boolean =>
  String(headers['x-amz-content-sha256']).startsWith('STREAMING-') ||
  String(headers['content-encoding']).includes('aws-chunked');

/**
 * The bytes of a body.
 *
 * @param trailers receives headers that come after it
 */
export const decodedBody = (
  headers: IncomingHttpHeaders,
  body: AsyncIterable<Buffer>,
  trailers = new Map<string, string>(),
): AsyncIterable<Buffer> => (isChunked(headers) ? decodeChunked(body, trailers) : body);

/**
 * Writes a body to disk and verifies its length and its checksum.
 *
 * @throws S3Error (`BadDigest`, `IncompleteBody`): then nothing is kept
 */
export const receiveBody = async (
  headers: IncomingHttpHeaders,
  body: AsyncIterable<Buffer>,
  storage: Storage,
): Promise<ReceivedBody> => {
  const md5 = createHash('md5');
  const header = checksumHeader(headers);
  const checksum = header === undefined ? undefined : createChecksum(header);
  const trailers = new Map<string, string>();

  async function* watched(): AsyncGenerator<Buffer> {
    for await (const chunk of decodedBody(headers, body, trailers)) {
      md5.update(chunk);
      checksum?.update(chunk);
      yield chunk;
    }
  }

  const segment = await storage.write(watched());
  try {
    const declared = headers['x-amz-decoded-content-length'];
    if (declared !== undefined && Number(declared) !== segment.length) {
      throw new S3Error(
        400,
        'IncompleteBody',
        'You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header',
      );
    }
    const digest = md5.digest();
    const sentMd5 = headers['content-md5'];
    if (sentMd5 !== undefined) checkDigest('content-md5', String(sentMd5), digest.toString('base64'));
    const received = { segment, md5: digest.toString('hex') };
    if (header === undefined || checksum === undefined) return { ...received, checksum: undefined };
    const found = await checksum.digest();
    checkDigest(header, trailers.get(header) ?? String(headers[header]), found);
    return { ...received, checksum: [header, found] };
  } catch (error) {
    await storage.release([segment]);
    throw error;
  }
};

/** A small body as text. @throws S3Error where it is over 2 MB */
export const textBody = async (
  headers: IncomingHttpHeaders,
  body: AsyncIterable<Buffer>,
): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of decodedBody(headers, body)) {
    size += chunk.length;
    if (size > 2 * 2 ** 20) {
      throw new S3Error(400, 'MalformedXML', 'The XML you provided is too large');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
};
