import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  type ChecksumAlgorithm,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { must } from '../../src/errors.ts';

const md5 = (data: string | Buffer): string => createHash('md5').update(data).digest('hex');

/** What the embedded S3 and moto's answer alike to the AWS SDK, beyond what stores of objects use. */
export const describeS3 = (name: string, make: () => Promise<S3Client>): void => {
  describe(`S3 ${name}`, () => {
    let client: S3Client;
    let Bucket = '';
    beforeAll(async () => {
      client = await make();
    });
    beforeEach(async () => {
      Bucket = `bucket-${randomUUID()}`;
      await client.send(new CreateBucketCommand({ Bucket }));
    });

    const put = (
      Key: string,
      Body: NonNullable<PutObjectCommandInput['Body']>,
      more: Partial<PutObjectCommandInput> = {},
    ) => client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
    const get = async (Key: string, more: Partial<GetObjectCommandInput> = {}) => {
      const answer = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
      return { ...answer, text: await must(answer.Body, 'Body').transformToString() };
    };
    const failure = async (work: Promise<unknown>) => {
      try {
        await work;
        return undefined;
      } catch (error) {
        const { name: code, $metadata } = error as { name: string; $metadata: { httpStatusCode: number } };
        return [$metadata.httpStatusCode, code];
      }
    };

    it('gives back an object with its headers', async () => {
      const { ETag } = await put('a', 'hello', {
        ...{ ContentType: 'text/csv', ContentEncoding: 'gzip', CacheControl: 'no-store' },
        Metadata: { one: '1', two: 'a b' },
      });
      expect(ETag).toBe(`"${md5('hello')}"`);
      expect(await get('a')).toMatchObject({
        ...{ text: 'hello', ETag, ContentLength: 5, ContentType: 'text/csv', ContentEncoding: 'gzip' },
        ...{ CacheControl: 'no-store', Metadata: { one: '1', two: 'a b' }, AcceptRanges: 'bytes' },
        LastModified: expect.any(Date),
      });
      const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'a' }));
      expect(head).toMatchObject({ ETag, ContentLength: 5, Metadata: { one: '1', two: 'a b' } });
    });

    it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] satisfies ChecksumAlgorithm[])(
      'takes bodies of known and unknown length with the checksum %s',
      async (algorithm) => {
        const big = Buffer.alloc(300_000, 'a long body, ');
        await put('whole', big, { ChecksumAlgorithm: algorithm });
        const chunks = Readable.from([big.subarray(0, 100_000), big.subarray(100_000)]);
        await put('stream', chunks, { ChecksumAlgorithm: algorithm, ContentLength: big.length });
        for (const key of ['whole', 'stream']) {
          const { text, ETag, ContentEncoding } = await get(key);
          expect(text === big.toString()).toBe(true);
          expect(ETag).toBe(`"${md5(big)}"`);
          expect(ContentEncoding ?? '').toBe('');
        }
      },
    );

    it('has ranges from the start, from the end and in the middle', async () => {
      await put('a', '0123456789');
      const part = async (Range: string) => {
        const { text, ContentRange, ContentLength, $metadata } = await get('a', { Range });
        expect(ContentLength).toBe(text.length);
        return [$metadata.httpStatusCode, text, ContentRange];
      };
      expect(await part('bytes=2-4')).toEqual([206, '234', 'bytes 2-4/10']);
      expect(await part('bytes=7-')).toEqual([206, '789', 'bytes 7-9/10']);
      expect(await part('bytes=8-99')).toEqual([206, '89', 'bytes 8-9/10']);
      expect(await part('bytes=-3')).toEqual([206, '789', 'bytes 7-9/10']);
      expect(await failure(get('a', { Range: 'bytes=10-12' }))).toEqual([416, 'InvalidRange']);
    });

    it('has conditions of reads', async () => {
      const { ETag } = await put('a', 'x');
      expect((await get('a', { IfMatch: ETag })).text).toBe('x');
      expect(await failure(get('a', { IfMatch: '"other"' }))).toEqual([412, 'PreconditionFailed']);
      expect((await get('a', { IfNoneMatch: '"other"' })).text).toBe('x');
      expect((await failure(get('a', { IfNoneMatch: ETag })))?.[0]).toBe(304);
      // The condition comes first.
      const elsewhere = { IfMatch: '"other"', Range: 'bytes=5-6' };
      expect(await failure(get('a', elsewhere))).toEqual([412, 'PreconditionFailed']);
    });

    it('has conditions of writes', async () => {
      const { ETag } = await put('a', 'one', { IfNoneMatch: '*' });
      expect(await failure(put('a', 'two', { IfNoneMatch: '*' }))).toEqual([412, 'PreconditionFailed']);
      expect(await failure(put('a', 'two', { IfMatch: '"other"' }))).toEqual([412, 'PreconditionFailed']);
      await put('a', 'two', { IfMatch: ETag });
      expect((await get('a')).text).toBe('two');
    });

    it('lists by prefix and delimiter, page by page', async () => {
      for (const key of ['a', 'b/1', 'b/2', 'c/3', 'd', 'e&<>"/f']) await put(key, key);
      const page = async (more = {}) => {
        const answer = await client.send(new ListObjectsV2Command({ Bucket, ...more }));
        return {
          keys: (answer.Contents ?? []).map(({ Key }) => Key),
          groups: (answer.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
          next: answer.NextContinuationToken,
          count: answer.KeyCount,
        };
      };
      expect(await page()).toMatchObject({ keys: ['a', 'b/1', 'b/2', 'c/3', 'd', 'e&<>"/f'], count: 6 });
      expect(await page({ Prefix: 'b/' })).toMatchObject({ keys: ['b/1', 'b/2'] });
      expect(await page({ Delimiter: '/' })).toMatchObject({
        keys: ['a', 'd'],
        groups: ['b/', 'c/', 'e&<>"/'],
      });
      expect(await page({ StartAfter: 'b/1' })).toMatchObject({ keys: ['b/2', 'c/3', 'd', 'e&<>"/f'] });
      const keys: unknown[] = [];
      let ContinuationToken: string | undefined;
      do {
        const found = await page({ MaxKeys: 2, ContinuationToken });
        expect(found.keys.length).toBeLessThanOrEqual(2);
        keys.push(...found.keys);
        ContinuationToken = found.next;
      } while (ContinuationToken !== undefined);
      expect(keys).toEqual(['a', 'b/1', 'b/2', 'c/3', 'd', 'e&<>"/f']);
    });

    it('copies objects, with their headers or new ones', async () => {
      await put('a +ü', 'hello', { ContentType: 'text/csv', Metadata: { one: '1' } });
      const CopySource = `${Bucket}/${encodeURIComponent('a +ü')}`;
      await client.send(new CopyObjectCommand({ Bucket, Key: 'b', CopySource }));
      expect(await get('b')).toMatchObject({
        text: 'hello',
        ContentType: 'text/csv',
        Metadata: { one: '1' },
      });
      const fresh = { ContentType: 'text/plain', MetadataDirective: 'REPLACE' as const };
      await client.send(new CopyObjectCommand({ Bucket, Key: 'c', CopySource, ...fresh }));
      expect(await get('c')).toMatchObject({ text: 'hello', ContentType: 'text/plain', Metadata: {} });
      await put('a +ü', 'changed');
      expect((await get('b')).text).toBe('hello');
      const missing = new CopyObjectCommand({ Bucket, Key: 'd', CopySource: `${Bucket}/none` });
      expect(await failure(client.send(missing))).toEqual([404, 'NoSuchKey']);
    });

    it('keeps versions where it is asked to', async () => {
      expect((await client.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
      expect((await put('a', 'unversioned')).VersionId).toBeUndefined();
      const VersioningConfiguration = { Status: 'Enabled' as const };
      await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
      expect((await client.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
      const one = await put('a', 'one');
      const two = await put('a', 'two');
      expect(one.VersionId).not.toBe(two.VersionId);
      expect(await get('a')).toMatchObject({ text: 'two', VersionId: two.VersionId });
      const { VersionId } = one;
      expect(await get('a', { VersionId })).toMatchObject({ text: 'one', VersionId, ETag: one.ETag });
      const deleted = await client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
      expect(deleted.DeleteMarker).toBe(true);
      expect(await failure(get('a'))).toEqual([404, 'NoSuchKey']);
      expect((await get('a', { VersionId })).text).toBe('one');
      await client.send(new DeleteObjectCommand({ Bucket, Key: 'a', VersionId: deleted.VersionId }));
      expect((await get('a')).text).toBe('two');
      await client.send(new DeleteObjectCommand({ Bucket, Key: 'a', VersionId }));
      expect((await failure(get('a', { VersionId })))?.[0]).toBe(404);
    });

    describe('an upload in parts', () => {
      const big = Buffer.alloc(5 * 2 ** 20, 'part ');
      const start = async (Key: string, more = {}) => {
        const created = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
        const upload = { Bucket, Key, UploadId: must(created.UploadId, 'UploadId') };
        const part = async (PartNumber: number, Body: string | Buffer) => {
          const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body }));
          return { PartNumber, ETag };
        };
        const complete = (
          Parts: readonly { PartNumber: number; ETag: string | undefined }[],
          conditions = {},
        ) =>
          client.send(
            new CompleteMultipartUploadCommand({
              ...{ ...upload, MultipartUpload: { Parts: [...Parts] }, ...conditions },
            }),
          );
        return { upload, part, complete };
      };

      it('has the ETag of its parts, and its headers', async () => {
        const { part, complete } = await start('a', { ContentType: 'text/csv', Metadata: { one: '1' } });
        const parts = [await part(1, big), await part(3, 'end')];
        const { ETag } = await complete(parts);
        const digests = Buffer.concat([big, Buffer.from('end')].map((body) => Buffer.from(md5(body), 'hex')));
        expect(ETag).toBe(`"${md5(digests)}-2"`);
        const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'a' }));
        expect(head).toMatchObject({ ETag, ContentLength: big.length + 3, ContentType: 'text/csv' });
        expect((await get('a', { Range: `bytes=${big.length - 2}-${big.length + 1}` })).text).toHaveLength(4);
      });

      it('is listed with its parts until it ends', async () => {
        const { upload, part } = await start('a');
        await part(2, 'two');
        await part(1, 'one');
        const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
        expect(Uploads.map(({ Key, UploadId }) => [Key, UploadId])).toEqual([['a', upload.UploadId]]);
        const { Parts = [] } = await client.send(new ListPartsCommand(upload));
        expect(Parts.map(({ PartNumber, Size, ETag }) => [PartNumber, Size, ETag])).toEqual([
          [1, 3, `"${md5('one')}"`],
          [2, 3, `"${md5('two')}"`],
        ]);
        await client.send(new AbortMultipartUploadCommand(upload));
        expect((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).toEqual([]);
        expect(await failure(client.send(new ListPartsCommand(upload)))).toEqual([404, 'NoSuchUpload']);
      });

      it('refuses lists of parts that are wrong', async () => {
        const { part, complete } = await start('a');
        const [small, end] = [await part(1, 'small'), await part(2, 'end')];
        expect(await failure(complete([small, end]))).toEqual([400, 'EntityTooSmall']);
        expect(await failure(complete([{ PartNumber: 1, ETag: '"other"' }]))).toEqual([400, 'InvalidPart']);
        expect(await failure(complete([{ PartNumber: 9, ETag: end.ETag }]))).toEqual([400, 'InvalidPart']);
        await complete([end]);
        expect((await get('a')).text).toBe('end');
      });

      it('completes on conditions, and can go on where they do not hold', async () => {
        const { part, complete } = await start('a');
        const parts = [await part(1, 'in parts')];
        await put('a', 'there');
        expect(await failure(complete(parts, { IfNoneMatch: '*' }))).toEqual([412, 'PreconditionFailed']);
        expect((await get('a')).text).toBe('there');
        await complete(parts);
        expect((await get('a')).text).toBe('in parts');
      });

      it('copies ranges of other objects', async () => {
        await put('source', '0123456789');
        const { upload } = await start('a');
        const { CopyPartResult } = await client.send(
          new UploadPartCopyCommand({
            ...{ ...upload, PartNumber: 1, CopySource: `${Bucket}/source`, CopySourceRange: 'bytes=2-5' },
          }),
        );
        expect(CopyPartResult?.ETag).toBe(`"${md5('2345')}"`);
      });
    });

    it('deletes many at a time, and says which', async () => {
      await put('a', 'x');
      await put('b', 'x');
      const Delete = { Objects: [{ Key: 'a' }, { Key: 'never was' }] };
      const { Deleted = [] } = await client.send(new DeleteObjectsCommand({ Bucket, Delete }));
      expect(Deleted.map(({ Key }) => Key).toSorted()).toEqual(['a', 'never was']);
      expect(await failure(client.send(new DeleteBucketCommand({ Bucket })))).toEqual([
        409,
        'BucketNotEmpty',
      ]);
      await client.send(new DeleteObjectCommand({ Bucket, Key: 'b' }));
      await client.send(new DeleteBucketCommand({ Bucket }));
      expect(await failure(client.send(new HeadBucketCommand({ Bucket })))).toEqual([404, 'NotFound']);
    });

    it('knows its buckets', async () => {
      const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
      expect(Buckets.map(({ Name }) => Name)).toContain(Bucket);
      await client.send(new HeadBucketCommand({ Bucket }));
      const missing = `bucket-${randomUUID()}`;
      expect(await failure(client.send(new ListObjectsV2Command({ Bucket: missing })))).toEqual([
        404,
        'NoSuchBucket',
      ]);
      const body = { Bucket: missing, Key: 'a', Body: 'x' };
      expect(await failure(client.send(new PutObjectCommand(body)))).toEqual([404, 'NoSuchBucket']);
    });
  });
};
