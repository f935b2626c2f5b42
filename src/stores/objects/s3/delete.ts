import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteObjectCommand, DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3';
import { must } from '../../../errors.ts';
import { calling, fromS3 } from './errors.ts';
import type { ReadPatience } from './read.ts';

/** The most keys of a call. */
const MOST_KEYS = 1_000;

// Control characters are what this is about: the request is XML, which has no way to write them.
const NOT_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Errors of a key that may pass. */
const PASSING = /^(InternalError|SlowDown|ServiceUnavailable|OperationAborted|RequestTimeout)/;

/**
 * Deletes objects, 1,000 a call; those that S3 did not get to are sent again.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
 */
export const deleteObjects = async (
  client: S3Client,
  bucket: string,
  keys: readonly string[],
  { attempts, pauseMs }: Pick<ReadPatience, 'attempts' | 'pauseMs'>,
): Promise<void> => {
  const call = { operation: 'DeleteObjects', bucket };
  for (const key of keys.filter((name) => NOT_IN_XML.test(name))) {
    await calling({ operation: 'DeleteObject', bucket, key }, () =>
      client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })),
    );
  }
  let left = keys.filter((name) => !NOT_IN_XML.test(name));
  for (let fruitless = 0; left.length > 0;) {
    const sent = left.slice(0, MOST_KEYS);
    const Delete = { Objects: sent.map((Key) => ({ Key })), Quiet: true };
    const { Errors = [] } = await calling(call, () =>
      client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete })),
    );
    const failed = Errors.map(({ Key }) => must(Key, 'Key of an error of DeleteObjects'));
    fruitless = failed.length < sent.length ? 0 : fruitless + 1;
    const final = Errors.find(({ Code = '' }) => fruitless >= attempts || !PASSING.test(Code));
    if (final !== undefined) throw refusal(bucket, final.Key, final.Code);
    left = [...failed, ...left.slice(sent.length)];
    if (failed.length > 0) await sleep(Math.random() * pauseMs * 2 ** fruitless);
  }
};

const refusal = (bucket: string, key: string | undefined, code = 'unknown error'): Error => {
  const status = code === 'AccessDenied' ? 403 : 500;
  const cause = Object.assign(new Error(code), { name: code, $metadata: { httpStatusCode: status } });
  return fromS3({ operation: 'DeleteObjects', bucket, key }, cause);
};
