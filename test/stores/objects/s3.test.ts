import { PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { s3Objects } from '../../../src/stores/objects/s3.ts';
import { describeObjectStore } from '../../contract/object-store.ts';
import { type S3World, s3World } from '../../support/embedded-s3.ts';

let world: S3World;
beforeAll(async () => {
  world = await s3World(['bucket-one', 'bucket-two', 'bucket-with-versions'], { mostKeys: 20 });
});
afterAll(() => world.stop());

const make = async () => ({
  store: s3Objects(world.client),
  ...{ bucket: 'bucket-one', other: 'bucket-two', missing: 'bucket-three' },
});

describeObjectStore('in S3', make, { many: 50 });

describe('a bucket that keeps versions', () => {
  it('gives the version asked for, also after another one and a deletion', async () => {
    const VersioningConfiguration = { Status: 'Enabled' as const };
    const bucket = 'bucket-with-versions';
    await world.client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
    const store = s3Objects(world.client);
    const name = { bucket, key: 'a key' };
    await store.put(name, Buffer.from('one'));
    const one = await store.head(name);
    expect(one.versionId).toMatch(/./);
    await store.put(name, Buffer.from('two'));
    expect((await store.head(name)).versionId).not.toBe(one.versionId);
    await store.delete(bucket, ['a key']);
    await expect(store.head(name)).rejects.toMatchObject({ code: 'not-found' });
    expect(await store.head(name, one.versionId)).toEqual(one);
    const upload = await store.startUpload({ bucket, key: 'copy' });
    await upload.copy(1, one);
    expect(await upload.complete({ ifAbsent: true })).toBe('written');
    for (const version of [one, await store.head({ bucket, key: 'copy' })]) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of store.read(version)) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).toBe('one');
    }
    // A deleted key may be written by who asks for its absence.
    expect(await store.put(name, Buffer.from('three'), { ifAbsent: true })).toBe('written');
    await expect(store.head(name, 'no-such-version')).rejects.toMatchObject({ code: 'not-found' });
  });
});
