import { createHash } from 'node:crypto';
import {
  LEAST_PART_BYTES,
  ObjectError,
  type ObjectHead,
  type ObjectStore,
  type ObjectVersion,
} from '../../src/pipeline/objects/object-store.ts';

/** A store under test, and two empty buckets that it has. */
export interface ObjectStoreUnderTest {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly other: string;
  /** A bucket that is not there. */
  readonly missing: string;
}

/** What a store need not do. */
export interface ObjectStoreTraits {
  /** Keys that it has to refuse: `invalid-key`. */
  readonly refused?: readonly string[];
  /** It copies a part from whatever version is there, as moto does: AWS does not. */
  readonly copiesAnyVersion?: boolean;
  /** More objects than a page of its lists and a call that deletes have. */
  readonly many?: number;
}

/** Keys that bucket owners have, and that encodings of paths, headers and XML get wrong. */
const KEYS = [
  'plain.txt',
  'a folder/a name with spaces.txt',
  'one+one=2.csv',
  'ünï/çødé/文字/🙂.jsonl',
  'percent%20and%2Bencoded%',
  'quotes\'"<&>`.txt',
  'question?mark#hash;semi:colon@at!$,()*~[]{}|^.txt',
  'ends.with.dots..',
  'x'.repeat(200),
  `${'long/'.repeat(200)}${'y'.repeat(24)}`,
  'down/../up.txt',
  '../outside.txt',
  './here.txt',
  'two//slashes.txt',
  '/leading.txt',
  'ends/with/slash/',
  'back\\slash.txt',
];

const all = async <Value>(values: AsyncIterable<Value>): Promise<Value[]> => {
  const found: Value[] = [];
  for await (const value of values) found.push(value);
  return found;
};

const bytesOf = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> =>
  Buffer.concat(await all(chunks));

const noise = (bytes: number, seed: string): Buffer => {
  const blocks = Array.from({ length: Math.ceil(bytes / 64) }, (_, index) =>
    createHash('sha512').update(`${seed} ${index}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, bytes);
};

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'no error';
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error;
    expect(error.message.length).toBeGreaterThan(20);
    return error.code;
  }
};

/** What every object store must do, wherever it keeps its objects. */
export const describeObjectStore = (
  name: string,
  make: () => Promise<ObjectStoreUnderTest>,
  { refused = [], copiesAnyVersion = false, many = 1_050 }: ObjectStoreTraits = {},
): void => {
  describe(`object store ${name}`, () => {
    let subject: ObjectStoreUnderTest;
    let number = 0;
    let folder = '';
    beforeAll(async () => {
      subject = await make();
    });
    // The tests share the buckets: each has its own prefix.
    beforeEach(() => {
      number += 1;
      folder = `test-${number}/`;
    });

    const named = (key: string, bucket = subject.bucket) => ({ bucket, key });
    const put = (key: string, body: string | Buffer, options = {}) =>
      subject.store.put(named(key), Buffer.from(body), options);
    const read = async (key: string, range?: { start: number; end: number }) =>
      (await bytesOf(subject.store.read(await subject.store.head(named(key)), range))).toString();
    const keysBelow = async (prefix: string) =>
      (await all(subject.store.list(subject.bucket, prefix))).map(({ key }) => key);

    describe('one object', () => {
      it('is read as it was written', async () => {
        expect(await put(`${folder}a`, 'hello')).toBe('written');
        expect(await subject.store.head(named(`${folder}a`))).toEqual({
          ...named(`${folder}a`),
          size: 5,
          etag: expect.stringMatching(/^[\w-]+$/),
        });
        expect(await read(`${folder}a`)).toBe('hello');
      });

      it('may be empty', async () => {
        expect(await put(`${folder}empty`, '')).toBe('written');
        expect(await subject.store.head(named(`${folder}empty`))).toMatchObject({ size: 0 });
        expect(await read(`${folder}empty`)).toBe('');
        expect(await read(`${folder}empty`, { start: 0, end: 10 })).toBe('');
      });

      it('is read in parts, which end where it ends', async () => {
        await put(`${folder}a`, '0123456789');
        const parts = [
          [0, 1],
          [3, 7],
          [9, 10],
          [5, 1000],
          [10, 20],
          [50, 60],
          [4, 4],
        ] as const;
        const found = [];
        for (const [start, end] of parts) found.push(await read(`${folder}a`, { start, end }));
        expect(found).toEqual(['0', '3456', '9', '56789', '', '', '']);
        expect(await read(`${folder}a`, { start: 6, end: Number.POSITIVE_INFINITY })).toBe('6789');
      });

      it('is replaced as a whole', async () => {
        await put(`${folder}a`, 'a long one');
        expect(await put(`${folder}a`, 'short')).toBe('written');
        expect(await read(`${folder}a`)).toBe('short');
      });

      it('has another version when its content is another', async () => {
        await put(`${folder}a`, 'one');
        const before = await subject.store.head(named(`${folder}a`));
        await put(`${folder}a`, 'two');
        const after = await subject.store.head(named(`${folder}a`));
        expect(after.etag).not.toBe(before.etag);
        expect(await subject.store.head(named(`${folder}a`))).toEqual(after);
      });

      it('is gone when it is deleted, and may be deleted again', async () => {
        await put(`${folder}a/b`, 'x');
        await subject.store.delete(subject.bucket, [`${folder}a/b`]);
        await subject.store.delete(subject.bucket, [`${folder}a/b`, `${folder}never/was`]);
        expect(await codeOf(subject.store.head(named(`${folder}a/b`)))).toBe('not-found');
        expect(await put(`${folder}a/b`, 'y', { ifAbsent: true })).toBe('written');
      });
    });

    describe('the first writer', () => {
      it('wins where the others ask for it', async () => {
        expect(await put(`${folder}a`, 'first', { ifAbsent: true })).toBe('written');
        expect(await put(`${folder}a`, 'second', { ifAbsent: true })).toBe('exists');
        expect(await read(`${folder}a`)).toBe('first');
      });

      it('is one of those that write at a time', async () => {
        const writers = Array.from({ length: 8 }, (_, index) => `writer ${index}`);
        const results = await Promise.all(writers.map((body) => put(`${folder}a`, body, { ifAbsent: true })));
        expect(results.toSorted()).toEqual([...Array<string>(7).fill('exists'), 'written']);
        expect(await read(`${folder}a`)).toBe(writers[results.indexOf('written')]);
      });
    });

    describe('another version', () => {
      const replaced = async (): Promise<ObjectVersion> => {
        await put(`${folder}a`, 'old content');
        const old = await subject.store.head(named(`${folder}a`));
        await put(`${folder}a`, 'new');
        return old;
      };

      it('is not read for the one asked for', async () => {
        expect(await codeOf(bytesOf(subject.store.read(await replaced())))).toBe('replaced');
      });

      it('is not read in part, either', async () => {
        const range = { start: 1, end: 3 };
        expect(await codeOf(bytesOf(subject.store.read(await replaced(), range)))).toBe('replaced');
      });

      (copiesAnyVersion ? it.skip : it)('does not become a part', async () => {
        const upload = await subject.store.startUpload(named(`${folder}b`));
        expect(await codeOf(upload.copy(1, await replaced()))).toBe('replaced');
        await upload.abort();
      });

      it('that comes while it is read is never mixed in', async () => {
        const old = noise(3_000_000, 'old');
        await put(`${folder}a`, old);
        const found: Uint8Array[] = [];
        try {
          for await (const chunk of subject.store.read(await subject.store.head(named(`${folder}a`)))) {
            if (found.length === 0) await put(`${folder}a`, noise(3_000_000, 'new'));
            found.push(chunk);
          }
          expect(Buffer.concat(found).equals(old)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'replaced' });
          expect(old.subarray(0, Buffer.concat(found).length).equals(Buffer.concat(found))).toBe(true);
        }
      });
    });

    describe('what is not there', () => {
      it('is not found', async () => {
        const version = { ...named(`${folder}none`), etag: '0123456789abcdef0123456789abcdef' };
        expect(await codeOf(subject.store.head(version))).toBe('not-found');
        expect(await codeOf(bytesOf(subject.store.read(version)))).toBe('not-found');
        const upload = await subject.store.startUpload(named(`${folder}b`));
        expect(await codeOf(upload.copy(1, version))).toBe('not-found');
        await upload.abort();
        expect(await keysBelow(folder)).toEqual([]);
      });

      it('may be the bucket', async () => {
        expect(await codeOf(subject.store.head(named('a', subject.missing)))).toBe('no-such-bucket');
        expect(await codeOf(all(subject.store.list(subject.missing, '')))).toBe('no-such-bucket');
      });
    });

    describe('a list', () => {
      it('has the objects of a prefix, in the order of the bytes of their keys', async () => {
        const keys = ['b/2', 'b.txt', 'b', 'a', 'b/10', 'B', 'c/d/e', 'ünder', 'z', '\uffee', '🙂']
          .filter((key) => key !== 'b')
          .map((key) => folder + key);
        for (const key of keys) await put(key, key);
        await put(`${folder.slice(0, -1)}-beside`, 'x');
        const inOrder = keys.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
        expect(await keysBelow(folder)).toEqual(inOrder);
        expect(await keysBelow(`${folder}b`)).toEqual([`${folder}b.txt`, `${folder}b/10`, `${folder}b/2`]);
        expect(await keysBelow(`${folder}b/`)).toEqual([`${folder}b/10`, `${folder}b/2`]);
        expect(await keysBelow(`${folder}b/2`)).toEqual([`${folder}b/2`]);
        expect(await keysBelow(`${folder}x`)).toEqual([]);
      });

      it('has what head has', async () => {
        await put(`${folder}a`, 'hello');
        expect(await all(subject.store.list(subject.bucket, folder))).toEqual([
          await subject.store.head(named(`${folder}a`)),
        ]);
      });

      it('of more than a page is whole, and so is a deletion', async () => {
        const keys = Array.from({ length: many }, (_, index) => `${folder}${String(index).padStart(5, '0')}`);
        for (let from = 0; from < keys.length; from += 50) {
          await Promise.all(keys.slice(from, from + 50).map((key) => put(key, '')));
        }
        expect(await keysBelow(folder)).toEqual(keys);
        await subject.store.delete(subject.bucket, keys.slice(1));
        expect(await keysBelow(folder)).toEqual(keys.slice(0, 1));
      });
    });

    describe('a key', () => {
      const possible = KEYS.filter((key) => !refused.includes(key));

      it.each(possible)('may be %j', async (key) => {
        expect(await put(key, key, { ifAbsent: true })).toBe('written');
        expect(await put(key, 'another', { ifAbsent: true })).toBe('exists');
        expect(await read(key)).toBe(key);
        expect(await keysBelow(key)).toContain(key);
        const upload = await subject.store.startUpload(named(`${folder}copy`));
        await upload.copy(1, await subject.store.head(named(key)));
        expect(await upload.complete()).toBe('written');
        expect(await read(`${folder}copy`)).toBe(key);
        await subject.store.delete(subject.bucket, [key]);
        expect(await codeOf(subject.store.head(named(key)))).toBe('not-found');
        const whole = await subject.store.startUpload(named(key));
        await whole.part(1, Buffer.from('in parts'));
        expect(await whole.complete({ ifAbsent: true })).toBe('written');
        expect(await read(key)).toBe('in parts');
        await subject.store.delete(subject.bucket, [key]);
      });

      if (refused.length > 0) {
        it.each(refused)('may not be %j', async (key) => {
          const version = { ...named(key), etag: 'x' };
          expect(await codeOf(put(key, 'x'))).toBe('invalid-key');
          expect(await codeOf(subject.store.startUpload(named(key)))).toBe('invalid-key');
          expect(['invalid-key', 'not-found']).toContain(await codeOf(subject.store.head(version)));
          expect(['invalid-key', 'not-found']).toContain(await codeOf(bytesOf(subject.store.read(version))));
        });
      }
    });

    describe('an upload', () => {
      const big = noise(LEAST_PART_BYTES, 'big');

      it('has what a part was when it was sent, whatever becomes of its buffer', async () => {
        const upload = await subject.store.startUpload(named(`${folder}a`));
        const body = Buffer.from(big);
        await upload.part(1, body);
        await upload.part(2, body.fill('x').subarray(0, 3));
        body.fill('y');
        await upload.complete();
        const found = await bytesOf(subject.store.read(await subject.store.head(named(`${folder}a`))));
        expect(found.equals(Buffer.concat([big, Buffer.from('xxx')]))).toBe(true);
      });

      it('puts parts together by their numbers, however they come', async () => {
        const upload = await subject.store.startUpload(named(`${folder}a`), { contentType: 'text/csv' });
        await Promise.all([
          upload.part(12, Buffer.from('end')),
          upload.part(2, big),
          upload.part(3, Buffer.from(big).reverse()),
        ]);
        await upload.part(3, big);
        expect(await keysBelow(folder)).toEqual([]);
        expect(await upload.complete({ ifAbsent: true })).toBe('written');
        const head: ObjectHead = await subject.store.head(named(`${folder}a`));
        expect(head.size).toBe(2 * big.length + 3);
        const found = await bytesOf(subject.store.read(head));
        expect(found.equals(Buffer.concat([big, big, Buffer.from('end')]))).toBe(true);
      });

      it('takes parts from other objects and buckets, whole and in part', async () => {
        const source = named('a source/with + and ü.txt', subject.other);
        await subject.store.put(source, Buffer.concat([Buffer.from('head'), big]));
        const head = await subject.store.head(source);
        const upload = await subject.store.startUpload(named(`${folder}a`));
        await upload.copy(1, head, { start: 4, end: 4 + big.length });
        await upload.copy(2, head);
        await upload.part(3, Buffer.from('!'));
        expect(await upload.complete()).toBe('written');
        const found = await bytesOf(subject.store.read(await subject.store.head(named(`${folder}a`))));
        const expected = Buffer.concat([big, Buffer.from('head'), big, Buffer.from('!')]);
        expect(found.equals(expected)).toBe(true);
      });

      it('leaves what is there where it must not be replaced', async () => {
        const upload = await subject.store.startUpload(named(`${folder}a`));
        await upload.part(1, Buffer.from('late'));
        await put(`${folder}a`, 'early');
        expect(await upload.complete({ ifAbsent: true })).toBe('exists');
        expect(await read(`${folder}a`)).toBe('early');
      });

      it('replaces what is there otherwise', async () => {
        await put(`${folder}a`, 'early');
        const upload = await subject.store.startUpload(named(`${folder}a`));
        await upload.part(1, Buffer.from('late'));
        expect(await upload.complete()).toBe('written');
        expect(await read(`${folder}a`)).toBe('late');
      });

      it('is won by one of those that write the same', async () => {
        const uploads = await Promise.all(
          Array.from({ length: 4 }, async (_, index) => {
            const upload = await subject.store.startUpload(named(`${folder}a`));
            await upload.part(1, Buffer.from(`upload ${index}`));
            return upload;
          }),
        );
        const results = await Promise.all(uploads.map((upload) => upload.complete({ ifAbsent: true })));
        expect(results.toSorted()).toEqual(['exists', 'exists', 'exists', 'written']);
        expect(await read(`${folder}a`)).toBe(`upload ${results.indexOf('written')}`);
      });

      it('without parts is an empty object', async () => {
        const upload = await subject.store.startUpload(named(`${folder}a`));
        expect(await upload.complete({ ifAbsent: true })).toBe('written');
        expect(await read(`${folder}a`)).toBe('');
      });

      it('that is given up leaves nothing, and may be given up again', async () => {
        const upload = await subject.store.startUpload(named(`${folder}a`));
        await upload.part(1, Buffer.from('x'));
        await upload.abort();
        await upload.abort();
        expect(await keysBelow(folder)).toEqual([]);
      });
    });
  });
};
