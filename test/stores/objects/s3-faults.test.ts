import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { ObjectError, TransientError } from '../../../src/errors.ts';
import type { ObjectStore } from '../../../src/pipeline/objects/object-store.ts';
import { s3Objects } from '../../../src/stores/objects/s3.ts';
import { LOCAL_CREDENTIALS } from '../../../src/tools/emulators/aws/aws-clients.ts';
import {
  ACCESS_DENIED,
  CONFLICT,
  INTERNAL_ERROR,
  type S3Fault,
  SLOW_DOWN,
} from '../../../src/tools/emulators/aws/s3/faults.ts';
import { type S3World, s3World } from '../../support/embedded-s3.ts';

const BUCKET = 'a-bucket';
const BODY = Buffer.from(Array.from({ length: 40_000 }, (_, index) => String(index)).join(' '));

let world: S3World;
let store: ObjectStore;
/** The faults of the requests to come, by their operation. */
let faults: Record<string, (S3Fault | undefined)[]> = {};
let calls: string[] = [];

beforeAll(async () => {
  world = await s3World(
    [BUCKET],
    {
      nextFault: ({ operation }) => {
        calls.push(operation);
        return faults[operation]?.shift();
      },
    },
    { maxAttempts: 2 },
  );
  store = s3Objects(world.client, { attempts: 4, pauseMs: 1, silenceMs: 500 });
});
beforeEach(() => {
  faults = {};
  calls = [];
});
afterAll(() => world.stop());

const name = (key: string, bucket = BUCKET) => ({ bucket, key });
const readAll = async (key: string, range?: { start: number; end: number }): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(await store.head(name(key)), range)) chunks.push(chunk);
  return Buffer.concat(chunks);
};
const errorOf = async (work: Promise<unknown>): Promise<Error> => {
  const error: unknown = await work.then(
    () => new Error('there was no error'),
    (thrown: unknown) => thrown,
  );
  return error as Error;
};

describe('a read from S3', () => {
  beforeAll(() => store.put(name('object'), BODY));

  it('is taken up where its connection breaks, wherever that is', async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: BODY.length }), { maxLength: 3 });
    const bounds = fc.tuple(fc.nat(BODY.length), fc.nat(BODY.length));
    await fc.assert(
      fc.asyncProperty(cuts, bounds, async (bytes, [one, other]) => {
        faults = { GetObject: bytes.map((count) => ({ kind: 'cut', bytes: count })) };
        const range = { start: Math.min(one, other), end: Math.max(one, other) };
        const found = await readAll('object', range);
        expect(found.equals(BODY.subarray(range.start, range.end))).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('is taken up where it falls silent', async () => {
    const impatient = s3Objects(world.client, { pauseMs: 1, silenceMs: 50 });
    faults = {
      GetObject: [
        { kind: 'stalled', bytes: 0 },
        { kind: 'stalled', bytes: 70_000 },
      ],
    };
    const chunks: Uint8Array[] = [];
    for await (const chunk of impatient.read(await store.head(name('object')))) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(BODY)).toBe(true);
    expect(calls.filter((call) => call === 'GetObject').length).toBeGreaterThanOrEqual(3);
  });

  it('may take its time with what it gets', async () => {
    const client = new S3Client({
      ...{ endpoint: world.endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS },
      // More than a busy machine needs for an answer.
      requestHandler: { socketTimeout: 200 },
    });
    const big = Buffer.concat(Array.from({ length: 20 }, () => BODY));
    await store.put(name('big'), big);
    const chunks: Uint8Array[] = [];
    for await (const chunk of s3Objects(client, { pauseMs: 1 }).read(await store.head(name('big')))) {
      chunks.push(chunk);
      if (chunks.length === 1 || chunks.length === 20) await sleep(300);
    }
    expect(Buffer.concat(chunks).equals(big)).toBe(true);
    client.destroy();
  });

  it('is never of two versions', async () => {
    await store.put(name('replaced'), BODY);
    const head = await store.head(name('replaced'));
    faults = { GetObject: [{ kind: 'cut', bytes: 1_000 }] };
    const read = async () => {
      let isFirst = true;
      for await (const chunk of store.read(head)) {
        expect(BODY.includes(Buffer.from(chunk))).toBe(true);
        if (isFirst) await store.put(name('replaced'), Buffer.from('another'));
        isFirst = false;
      }
    };
    const error = await errorOf(read());
    expect(error).toMatchObject({ name: 'ObjectError', code: 'replaced' });
    expect(error.message).toBe(`s3://${BUCKET}/replaced holds another version by now`);
  });

  it('gives up where it gets nowhere, again and again', async () => {
    faults = { GetObject: Array<S3Fault>(100).fill({ kind: 'cut', bytes: 0 }) };
    const error = await errorOf(readAll('object'));
    expect(error).toBeInstanceOf(TransientError);
    expect(error.message).toMatch(/^GetObject of s3:\/\/a-bucket\/object breaks at byte 0/);
  });

  it('survives what the SDK retries', async () => {
    faults = { GetObject: [INTERNAL_ERROR, undefined], HeadObject: [INTERNAL_ERROR] };
    expect((await readAll('object')).equals(BODY)).toBe(true);
    faults = { GetObject: [{ kind: 'dropped' }], HeadObject: [{ kind: 'droppedAfter' }] };
    expect((await readAll('object')).equals(BODY)).toBe(true);
  });
});

describe('a write to S3', () => {
  it('is tried again after two at a time', async () => {
    faults = { PutObject: [CONFLICT, CONFLICT] };
    expect(await store.put(name('conflict'), BODY, { ifAbsent: true })).toBe('written');
    expect((await readAll('conflict')).equals(BODY)).toBe(true);
  });

  it('whose answer was lost finds that the name holds an object', async () => {
    faults = { PutObject: [{ kind: 'droppedAfter' }] };
    expect(await store.put(name('lost'), BODY, { ifAbsent: true })).toBe('exists');
    expect((await readAll('lost')).equals(BODY)).toBe(true);
  });

  it('in parts finds the same, and whether another was first', async () => {
    const upload = async (key: string) => {
      const started = await store.startUpload(name(key));
      await started.part(1, BODY);
      return started;
    };
    faults = { CompleteMultipartUpload: [{ kind: 'droppedAfter' }] };
    expect(await (await upload('parts')).complete({ ifAbsent: true })).toBe('exists');
    expect((await readAll('parts')).equals(BODY)).toBe(true);
    faults = { CompleteMultipartUpload: [CONFLICT, CONFLICT] };
    expect(await (await upload('parts')).complete({ ifAbsent: true })).toBe('exists');
    faults = { CompleteMultipartUpload: [CONFLICT, CONFLICT] };
    const error = await errorOf((await upload('fresh')).complete({ ifAbsent: true }));
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ isLasting: false });
  });

  it.each([SLOW_DOWN, INTERNAL_ERROR, { kind: 'dropped' }] as const)(
    'may work later after %j',
    async (fault) => {
      // Without the pauses before the SDK's own retries.
      const client = new S3Client({
        ...{ endpoint: world.endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS, maxAttempts: 1 },
      });
      const hasty = s3Objects(client);
      const all = Array<S3Fault>(20).fill(fault);
      faults = {
        PutObject: [...all],
        CreateMultipartUpload: [...all],
        ListObjectsV2: [...all],
        DeleteObjects: [...all],
      };
      const works = [
        () => hasty.put(name('never'), BODY),
        () => hasty.startUpload(name('never')),
        () => hasty.list(BUCKET, '')[Symbol.asyncIterator]().next(),
        () => hasty.delete(BUCKET, ['never']),
      ];
      for (const work of works) {
        const error = await errorOf(work());
        expect(error).toBeInstanceOf(TransientError);
        expect(error).toMatchObject({ isLasting: false });
      }
      client.destroy();
    },
  );
});

describe('what S3 refuses', () => {
  it('is for the caller to decide where access is denied, with what to allow', async () => {
    await store.put(name('denied'), BODY);
    const version = await store.head(name('denied'));
    const upload = await store.startUpload(name('denied'));
    const denied = async (operation: string, work: () => Promise<unknown>) => {
      faults = { [operation]: [ACCESS_DENIED] };
      const error = await errorOf(work());
      expect(error).toBeInstanceOf(ObjectError);
      expect(error).toMatchObject({ code: 'access-denied' });
      return error.message;
    };
    const readFirst = () => store.read(version)[Symbol.asyncIterator]().next();
    expect(await denied('HeadObject', () => store.head(version))).toMatch(
      /allow s3:GetObject.*s3:ListBucket/,
    );
    expect(await denied('GetObject', readFirst)).toMatch(
      /^GetObject of s3:\/\/a-bucket\/denied is not allowed/,
    );
    expect(await denied('PutObject', () => store.put(version, BODY))).toMatch(/allow s3:PutObject$/);
    expect(await denied('UploadPart', () => upload.part(1, BODY))).toMatch(/allow s3:PutObject$/);
    expect(await denied('UploadPartCopy', () => upload.copy(1, version))).toMatch(
      /s3:GetObject where the part/,
    );
    const list = () => store.list(BUCKET, '')[Symbol.asyncIterator]().next();
    expect(await denied('ListObjectsV2', list)).toMatch(
      /^ListObjectsV2 of s3:\/\/a-bucket .*allow s3:ListBucket$/,
    );
    expect(await denied('DeleteObjects', () => store.delete(BUCKET, ['denied']))).toMatch(/s3:DeleteObject/);
    expect(await denied('AbortMultipartUpload', upload.abort)).toMatch(/s3:AbortMultipartUpload/);
  });

  it('names the Region of a bucket that is elsewhere', async () => {
    const Bucket = 'in-ireland';
    const there = new S3Client({
      ...{ endpoint: world.endpoint, region: 'eu-west-1' },
      credentials: LOCAL_CREDENTIALS,
    });
    await there.send(
      new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
    );
    expect(await s3Objects(there).put(name('a', Bucket), BODY)).toBe('written');
    for (const work of [() => store.head(name('a', Bucket)), () => store.put(name('a', Bucket), BODY)]) {
      const error = await errorOf(work());
      expect(error).toMatchObject({ name: 'ObjectError', code: 'wrong-region' });
      expect(error.message).toMatch(/^The bucket in-ireland is in eu-west-1/);
    }
    there.destroy();
  });

  it('is a key of more than 1,024 bytes', async () => {
    const error = await errorOf(store.put(name('ü'.repeat(513)), BODY));
    expect(error).toMatchObject({ name: 'ObjectError', code: 'invalid-key' });
    expect(error.message).toMatch(/over 1,024 bytes/);
    expect(await store.put(name('ü'.repeat(512)), BODY)).toBe('written');
  });

  it('is for an operator where credentials are wrong', async () => {
    const code = 'InvalidRequest';
    faults = { PutObject: [{ kind: 'error', status: 400, code }] };
    expect(await errorOf(store.put(name('a'), BODY))).toMatchObject({
      name: 'TransientError',
      isLasting: true,
    });
    faults = { PutObject: [{ kind: 'error', status: 403, code: 'InvalidAccessKeyId' }] };
    const error = await errorOf(store.put(name('a'), BODY));
    expect(error).toMatchObject({ name: 'ObjectError', code: 'access-denied' });
    expect(error.message).toMatch(/InvalidAccessKeyId/);
  });

  it('has its reason also where an answer has no body', async () => {
    const expired: S3Fault = { kind: 'error', status: 400, code: 'ExpiredToken' };
    faults = { HeadObject: [expired], GetObject: [expired] };
    const error = await errorOf(store.head(name('a')));
    expect(error).toMatchObject({ name: 'TransientError', isLasting: false });
    expect(error.message).toBe('HeadObject of s3://a-bucket/a failed: ExpiredToken');
  });

  it('is told apart from what is missing', async () => {
    expect((await errorOf(store.head(name('none')))).message).toBe('There is no object s3://a-bucket/none');
    expect((await errorOf(store.put(name('a', 'no-bucket'), BODY))).message).toMatch(
      /^There is no bucket no-bucket: create it/,
    );
    expect(calls).toContain('GetObject');
  });
});

describe('keys', () => {
  it('are what their owners want', async () => {
    const key = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 100 })
      .filter((text) => text.isWellFormed() && !text.includes('\0'));
    await fc.assert(
      fc.asyncProperty(key, async (text) => {
        await store.put(name(text), Buffer.from(text));
        expect((await readAll(text)).toString()).toBe(text);
        const listed: string[] = [];
        for await (const object of store.list(BUCKET, text)) listed.push(object.key);
        expect(listed).toContain(text);
        const upload = await store.startUpload(name('the copy'));
        await upload.copy(1, await store.head(name(text)));
        await upload.complete();
        expect((await readAll('the copy')).toString()).toBe(text);
        await store.delete(BUCKET, [text]);
        expect(await errorOf(store.head(name(text)))).toMatchObject({ code: 'not-found' });
      }),
      { numRuns: 30 },
    );
  });

  it('with characters that XML cannot hold are listed and deleted, too', async () => {
    for (const key of ['tab\tand\nline', 'control\u0001\u001f', 'noncharacter\ufffe']) {
      await store.put(name(key), BODY);
      const listed: string[] = [];
      for await (const object of store.list(BUCKET, key)) listed.push(object.key);
      expect(listed).toEqual([key]);
      await store.delete(BUCKET, [key]);
      expect(await errorOf(store.head(name(key)))).toMatchObject({ code: 'not-found' });
    }
  });
});
