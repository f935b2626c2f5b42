import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { CreateBucketCommand, HeadBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { errorName, must } from '../../errors.ts';
import { calling } from '../../stores/objects/s3/errors.ts';
import { UserError } from '../user-error.ts';

/** A file of the command line, and the object that it becomes. */
export interface InputFile {
  readonly path: string;
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

/** @throws UserError where one cannot be read, or two would have the same key */
export const inputFiles = async (paths: readonly string[]): Promise<readonly InputFile[]> => {
  const files: InputFile[] = [];
  for (const path of paths) {
    const found = await stat(path).catch((cause: unknown) => {
      throw new UserError(`--objects ${path} cannot be read: ${whyUnread(cause)}.`, {
        cause,
      });
    });
    if (!found.isFile()) throw new UserError(`--objects ${path} is no file: name files.`);
    const key = basename(path);
    if (files.some((other) => other.key === key))
      throw new UserError(`--objects names two files called ${key}, which would be one object: rename one.`);
    files.push({ path, key, size: found.size });
  }
  return files;
};

const whyUnread = (cause: unknown): string =>
  (cause as NodeJS.ErrnoException).code === 'ENOENT'
    ? 'there is no such file'
    : ((cause as NodeJS.ErrnoException).code ?? errorName(cause));

/** Creates buckets that do not exist. */
export const createBuckets = async (s3: S3Client, buckets: readonly string[]): Promise<void> => {
  for (const Bucket of buckets) {
    const exists = await s3.send(new HeadBucketCommand({ Bucket })).then(
      () => true,
      () => false,
    );
    if (!exists) await s3.send(new CreateBucketCommand({ Bucket }));
  }
};

/** @returns its ETag, without quotation marks @throws ObjectError, TransientError */
export const putFile = async (
  s3: S3Client,
  Bucket: string,
  { path, key, size }: InputFile,
): Promise<string> => {
  const { ETag } = await calling({ operation: 'PutObject', bucket: Bucket, key }, () =>
    s3.send(new PutObjectCommand({ Bucket, Key: key, Body: createReadStream(path), ContentLength: size })),
  );
  return must(ETag, 'ETag of PutObject').replaceAll('"', '');
};

/** A queue; one that exists is used as it is. @param visibilitySeconds for which a message in work is out of sight */
export const createQueue = async (sqs: SQSClient, QueueName: string, visibilitySeconds: number) => {
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: String(visibilitySeconds) } }),
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  return { url: must(QueueUrl, 'QueueUrl'), arn: must(Attributes?.QueueArn, 'QueueArn') };
};
