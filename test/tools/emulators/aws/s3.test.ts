import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { must } from '../../../../src/errors.ts';
import {
  type CreatedObject,
  eventBridgeEvent,
  notificationEvent,
} from '../../../../src/tools/emulators/aws/s3/events.ts';
import { describeS3 } from '../../../contract/s3.ts';
import { type S3World, s3World } from '../../../support/embedded-s3.ts';

let world: S3World;
let Bucket = '';
let created: CreatedObject[] = [];
beforeAll(async () => {
  world = await s3World([], { onCreated: (object) => created.push(object) });
});
beforeEach(async () => {
  Bucket = `bucket-${randomUUID()}`;
  await world.client.send(new CreateBucketCommand({ Bucket }));
  created = [];
});
afterAll(() => world.stop());

const put = (Key: string, Body: string, more: Partial<PutObjectCommandInput> = {}) =>
  world.client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

describeS3('embedded', async () => world.client);

describe('the embedded S3, where AWS is stricter than moto', () => {
  const crc32Of = (text: string): string => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(text));
    return bytes.toString('base64');
  };

  it('refuses a body that is not the one that was sent', async () => {
    await put('a', 'checked', { ChecksumCRC32: crc32Of('checked') });
    await expect(put('b', 'x', { ChecksumCRC32: crc32Of('y') })).rejects.toMatchObject({ name: 'BadDigest' });
    const ContentMD5 = Buffer.alloc(16).toString('base64');
    await expect(put('b', 'x', { ContentMD5 })).rejects.toMatchObject({ name: 'BadDigest' });
    expect(created.map(({ key }) => key)).toEqual(['a']);
  });

  it('gives back a checksum with which the SDK verifies what it reads', async () => {
    await put('a', 'checked');
    const { ChecksumCRC32 } = await world.client.send(
      new GetObjectCommand({ Bucket, Key: 'a', ChecksumMode: 'ENABLED' }),
    );
    expect(ChecksumCRC32).toBe(crc32Of('checked'));
  });

  it('knows its rules of uploads, keys, buckets and quiet deletions', async () => {
    const { UploadId } = await world.client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'a' }));
    const upload = { Bucket, Key: 'a', UploadId };
    const part = async (PartNumber: number) => ({
      ...{ PartNumber },
      ETag: (await world.client.send(new UploadPartCommand({ ...upload, PartNumber, Body: 'x' }))).ETag,
    });
    const Parts = [await part(2), await part(1)];
    const complete = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } });
    await expect(world.client.send(complete)).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await world.client.send(new AbortMultipartUploadCommand(upload));
    await expect(part(1)).rejects.toMatchObject({ name: 'NoSuchUpload' });
    await put('k'.repeat(1_024), 'x');
    await expect(put(`ü${'k'.repeat(1_023)}`, 'x')).rejects.toMatchObject({ name: 'KeyTooLongError' });
    await expect(world.client.send(new CreateBucketCommand({ Bucket: 'No_Bucket' }))).rejects.toMatchObject({
      name: 'InvalidBucketName',
    });
    const Delete = { Objects: [{ Key: 'a' }], Quiet: true };
    const { Deleted } = await world.client.send(new DeleteObjectsCommand({ Bucket, Delete }));
    expect(Deleted).toBeUndefined();
  });

  it('says what it does not do', async () => {
    const answer = await fetch(`${world.endpoint}/${Bucket}?acl`);
    expect(answer.status).toBe(501);
    expect(await answer.text()).toMatch(/<Code>NotImplemented<\/Code>.*GET with acl/);
  });
});

describe('events of the embedded S3', () => {
  it('tell of every object that is created, however it is, in the order of a key', async () => {
    await put('a', 'one');
    await put('a', 'two');
    await world.client.send(new CopyObjectCommand({ Bucket, Key: 'b', CopySource: `${Bucket}/a` }));
    const { UploadId } = await world.client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'a' }));
    const upload = { Bucket, Key: 'a', UploadId };
    const { ETag } = await world.client.send(
      new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'three' }),
    );
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await world.client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload }));
    await expect(put('a', 'four', { IfNoneMatch: '*' })).rejects.toThrow(/pre-conditions/);
    expect(created.map(({ key, reason, size }) => [key, reason, size])).toEqual([
      ['a', 'PutObject', 3],
      ['a', 'PutObject', 3],
      ['b', 'CopyObject', 3],
      ['a', 'CompleteMultipartUpload', 5],
    ]);
    const sequencers = created.map(({ sequencer }) => sequencer);
    expect(sequencers).toEqual(sequencers.toSorted());
    expect(new Set(sequencers).size).toBe(4);
    expect(created[0]?.versionId).toBeUndefined();
  });

  it('have the shapes of EventBridge and of notifications', async () => {
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await world.client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    const key = 'in/ü one+two (3)*.csv';
    const { VersionId, ETag = '' } = await put(key, 'hello');
    const object = must(created[0], 'created');
    const etag = ETag.replaceAll('"', '');
    expect(eventBridgeEvent(object)).toMatchObject({
      ...{ version: '0', 'detail-type': 'Object Created', source: 'aws.s3', region: 'us-east-1' },
      resources: [`arn:aws:s3:::${Bucket}`],
      detail: {
        version: '0',
        bucket: { name: Bucket },
        object: { key, size: 5, etag, 'version-id': VersionId, sequencer: object.sequencer },
        reason: 'PutObject',
      },
    });
    const [record] = notificationEvent(object).Records;
    expect(record).toMatchObject({
      ...{ eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', awsRegion: 'us-east-1' },
      s3: {
        bucket: { name: Bucket },
        object: {
          ...{ key: 'in/%C3%BC+one%2Btwo+%283%29*.csv', size: 5, eTag: etag },
          ...{ versionId: VersionId, sequencer: object.sequencer },
        },
      },
    });
    const encoded = must(record, 'record').s3.object.key;
    expect(decodeURIComponent(encoded.replaceAll('+', ' '))).toBe(key);
  });
});
