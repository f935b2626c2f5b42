import { setTimeout as sleep } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { errorName, must, TransientError } from '../../../errors.ts';
import type { ByteRange, ObjectVersion } from '../../../pipeline/objects/object-store.ts';
import { calling, statusOf, urlOf } from './errors.ts';

export interface ReadPatience {
  /** How often a read that gets nowhere is taken up before it fails. */
  readonly attempts: number;
  /** The longest pause before the first of these, in ms; it doubles with every further one. */
  readonly pauseMs: number;
  /** How long a body may send nothing, in ms. */
  readonly silenceMs: number;
}

const isBroken = (error: unknown): boolean => {
  const { code } = Object(error) as { readonly code?: string };
  return (
    /^(ECONN|EPIPE|ETIMEDOUT|ERR_STREAM_PREMATURE_CLOSE)/.test(code ?? '') ||
    errorName(error) === 'TimeoutError'
  );
};

/** The chunks of a body. @throws the error with which it breaks, a TimeoutError where it falls silent */
async function* chunksOf(body: Readable, silenceMs: number): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const silence = (): void => {
    body.destroy(Object.assign(new Error(`no data for ${silenceMs} ms`), { name: 'TimeoutError' }));
  };
  try {
    for (;;) {
      // Only while a chunk is waited for: whoever reads may take its time.
      const timer = setTimeout(silence, silenceMs);
      const chunk = await chunks.next().finally(() => clearTimeout(timer));
      if (chunk.done === true) return;
      yield chunk.value;
    }
  } finally {
    body.destroy();
  }
}

/**
 * The bytes of just this version of an object. A connection that breaks or falls silent is taken up where it broke.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export async function* readObject(
  client: S3Client,
  object: ObjectVersion,
  range: ByteRange | undefined,
  { attempts, pauseMs, silenceMs }: ReadPatience,
): AsyncGenerator<Uint8Array> {
  const call = { operation: 'GetObject', bucket: object.bucket, key: object.key };
  let position = range?.start ?? 0;
  const end = range?.end ?? Number.POSITIVE_INFINITY;
  const open = async (): Promise<GetObjectCommandOutput | undefined> =>
    calling(call, async () => {
      try {
        return await client.send(
          new GetObjectCommand({
            ...{ Bucket: object.bucket, Key: object.key, VersionId: object.versionId },
            IfMatch: `"${object.etag}"`,
            ...(rangeHeader(position, end) !== undefined && { Range: rangeHeader(position, end) }),
          }),
        );
      } catch (error) {
        // Not one byte is there at that position: this is the end.
        if (statusOf(error) === 416) return undefined;
        throw error;
      }
    });

  for (let fruitless = 0; position < end;) {
    const answer = await open();
    if (answer === undefined) return;
    const before = position;
    const last = position + must(answer.ContentLength, `ContentLength of ${urlOf(call)}`);
    let broken: unknown = 'the connection was closed';
    try {
      for await (const chunk of chunksOf(
        must(answer.Body, `Body of ${urlOf(call)}`) as Readable,
        silenceMs,
      )) {
        position += chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (!isBroken(error)) {
        throw new TransientError(`GetObject of ${urlOf(call)} failed at byte ${position}`, { cause: error });
      }
      broken = error;
    }
    if (position >= last) return;
    fruitless = position > before ? 0 : fruitless + 1;
    if (fruitless >= attempts) {
      throw new TransientError(`GetObject of ${urlOf(call)} breaks at byte ${position}, again and again`, {
        cause: broken,
      });
    }
    await sleep(Math.random() * pauseMs * 2 ** fruitless);
  }
}

const rangeHeader = (start: number, end: number): string | undefined => {
  if (end !== Number.POSITIVE_INFINITY) return `bytes=${start}-${end - 1}`;
  return start === 0 ? undefined : `bytes=${start}-`;
};
