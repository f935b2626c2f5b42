import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ObjectError, TransientError } from '../../../src/errors.ts';
import type { ObjectStore } from '../../../src/pipeline/objects/object-store.ts';
import { folderObjects } from '../../../src/stores/objects/folder.ts';
import { reading, writing } from '../../../src/stores/objects/folder/errors.ts';

const SOURCE = join(import.meta.dirname, '../../../src/stores/objects/folder.ts');

let root = '';
let store: ObjectStore;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'labelstream-folder-'));
  store = folderObjects({ files: root });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const name = (key: string) => ({ bucket: 'files', key });
const codeOf = async (work: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await work.then(
    () => 'no error',
    (thrown: unknown) => thrown,
  );
  return error instanceof ObjectError ? error.code : error;
};
const keys = async (prefix = ''): Promise<string[]> => {
  const found: string[] = [];
  for await (const { key } of store.list('files', prefix)) found.push(key);
  return found;
};

describe('a folder of objects', () => {
  it('has only whole files after its writer was killed, whenever that was', async () => {
    const writer = `
      const { folderObjects } = await import(${JSON.stringify(SOURCE)});
      const store = folderObjects({ files: ${JSON.stringify(root)} });
      const body = Buffer.alloc(4_000_000, 'x');
      for (let index = 0; ; index += 1) {
        await store.put({ bucket: 'files', key: 'out/' + index }, body, { ifAbsent: true });
        const upload = await store.startUpload({ bucket: 'files', key: 'parts/' + index });
        await upload.part(1, body);
        await upload.part(2, body);
        await upload.complete({ ifAbsent: true });
        if (index === 2) console.log('writing');
      }`;
    const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', writer], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    // In the middle of something, which is another thing each time.
    for (let turn = Math.random() * 200; turn > 0; turn -= 1) await new Promise(setImmediate);
    child.kill('SIGKILL');
    await exited;
    for await (const { key, size } of store.list('files', '')) {
      expect([key.split('/')[0], size]).toEqual(
        key.startsWith('out/') ? ['out', 4_000_000] : ['parts', 8_000_000],
      );
    }
    expect((await keys()).length).toBeGreaterThanOrEqual(6);
    // What it left is deleted by the next that writes.
    await store.put(name('next'), Buffer.from('x'));
    expect(await readdir(root)).not.toContain('.unfinished-objects');
  });

  it('leaves alone what living processes and other machines are writing', async () => {
    const unfinished = join(root, '.unfinished-objects');
    await mkdir(unfinished);
    const host = hostname().replaceAll(/\W+/g, '-').slice(0, 32);
    const [alive, elsewhere, dead, old] = [
      `${host}.${process.ppid}.aa`,
      'another-host.1.bb',
      `${host}.4194399.cc`,
      'another-host.1.dd',
    ];
    for (const file of [alive, elsewhere, dead, old, 'a file of somebody'])
      await writeFile(join(unfinished, file), 'x');
    await utimes(join(unfinished, old), 1, 1);
    await store.put(name('next'), Buffer.from('x'));
    expect((await readdir(unfinished)).toSorted()).toEqual(
      [alive, elsewhere, 'a file of somebody'].toSorted(),
    );
    expect(await keys()).toEqual(['next']);
  });

  it('notices a file that changes while it is read, or grows', async () => {
    const file = join(root, 'a');
    await writeFile(file, Buffer.alloc(1_000_000, 'a'));
    const head = await store.head(name('a'));
    const read = async () => {
      for await (const chunk of store.read(head)) {
        expect(chunk.every((byte) => byte === 97)).toBe(true);
        await writeFile(file, Buffer.alloc(900_000, 'b'));
      }
    };
    expect(await codeOf(read())).toBe('replaced');
  });

  it('tells versions of one size apart, however fast they come', async () => {
    const etags = new Set<string>();
    for (let index = 0; index < 30; index += 1) {
      await store.put(name('a'), Buffer.from(String(index).padStart(3)));
      etags.add((await store.head(name('a'))).etag);
    }
    expect(etags.size).toBe(30);
  });

  it('takes no folders with it that hold something, and none above its own', async () => {
    await store.put(name('a/b/c'), Buffer.from('x'));
    await store.put(name('a/d'), Buffer.from('x'));
    await store.delete('files', ['a/b/c']);
    expect(await readdir(join(root, 'a'))).toEqual(['d']);
    await store.delete('files', ['a/d']);
    expect(await readdir(root)).toEqual([]);
  });

  it('is written and emptied by several at a time', async () => {
    const writers = Array.from({ length: 8 }, () => folderObjects({ files: root }));
    await Promise.all(
      writers.map(async (writer, index) => {
        for (let turn = 0; turn < 15; turn += 1) {
          await writer.put(name(`shared/deep/${index}`), Buffer.from('x'));
          await writer.delete('files', [`shared/deep/${index}`]);
        }
      }),
    );
    expect(await readdir(root)).toEqual([]);
  });

  it('follows links to files, and to no folders', async () => {
    await store.put(name('real/a'), Buffer.from('x'));
    await symlink(join(root, 'real', 'a'), join(root, 'link'));
    await symlink(root, join(root, 'real', 'circle'));
    expect(await keys()).toEqual(['link', 'real/a']);
  });

  it('says what is in the way', async () => {
    await store.put(name('a'), Buffer.from('x'));
    await store.put(name('folder/b'), Buffer.from('x'));
    expect(await codeOf(store.put(name('a/b'), Buffer.from('x')))).toBe('invalid-key');
    expect(await codeOf(store.put(name('folder'), Buffer.from('x')))).toBe('invalid-key');
    expect(await codeOf(store.put(name('folder'), Buffer.from('x'), { ifAbsent: true }))).toBe('invalid-key');
    expect(await codeOf(store.head(name('folder')))).toBe('not-found');
    expect(await codeOf(store.head(name('a/b')))).toBe('not-found');
    expect(await codeOf(store.put(name('x'.repeat(300)), Buffer.from('x')))).toBe('invalid-key');
    expect(await codeOf(store.head({ bucket: 'unknown', key: 'a' }))).toBe('no-such-bucket');
    expect(await readFile(join(root, 'a'), 'utf8')).toBe('x');
  });
});

describe('an error of the file system', () => {
  const failing = (code: string) => async () => {
    throw Object.assign(new Error(code), { code });
  };

  it.each([
    ['ENOSPC', 'no-space', /the disk is full, make space on it \(ENOSPC\)$/],
    ['EDQUOT', 'no-space', /quota/],
    ['EACCES', 'access-denied', /^\/a\/file may not be used by this user/],
    ['EROFS', 'access-denied', /read-only/],
    ['ENAMETOOLONG', 'invalid-key', /too long/],
  ])('%s is %s', async (errno, code, message) => {
    for (const what of [reading, writing]) {
      const error: unknown = await what('/a/file', failing(errno)).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'ObjectError', code, message: expect.stringMatching(message) });
    }
  });

  it('that is not known may pass', async () => {
    await expect(reading('/a/file', failing('EIO'))).rejects.toThrow(TransientError);
    await expect(reading('/a/file', failing('EIO'))).rejects.toThrow('/a/file cannot be used: EIO');
  });
});
