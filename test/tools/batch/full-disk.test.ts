import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, spawnProgram } from '../../support/run-program.ts';
import { type SmallDisk, smallDisk } from '../../support/small-disk.ts';

const DISK_MB = 64;

const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `{"id":"r${index}","text":"I lost my card ${index}"}\n`).join(
    '',
  );

let folder: string;
let input: string;
let disk: SmallDisk | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'full-disk-'));
  input = join(folder, 'in');
  mkdirSync(input);
  // Three shards of 1 MB; the output has some more.
  writeFileSync(join(input, 'large.jsonl'), lines(60_000));
  writeFileSync(join(input, 'small.jsonl'), lines(10));
  disk = await smallDisk(DISK_MB);
});
afterEach(() => {
  if (disk === undefined) return;
  for (const name of readdirSync(disk.folder)) rmSync(join(disk.folder, name), { recursive: true });
});
afterAll(async () => {
  await disk?.stop();
  rmSync(folder, { recursive: true });
});

/** Only where a file system can be mounted: root may, and most users of Linux in a namespace of their own. */
const itWithDisk = (name: string, test: (small: SmallDisk) => Promise<void>): void =>
  it(name, async () => {
    if (disk === undefined) console.warn(`SKIPPED: ${name}: this user may not mount a file system`);
    else await test(disk);
  });

const options = ['--model', 'banking77-tfidf', '--shard-mb', '1', '--workers', '1'];
const batch = (output: string) =>
  spawnProgram(command('batch', ['--input', input, '--output', output, ...options]));

const outputsIn = (output: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ['large.jsonl.out', 'small.jsonl.out'].map((name) => [name, readFileSync(join(output, name), 'utf8')]),
  );

const FULL = /cannot be written: the disk is full, make space on it \(ENOSPC\)/;

describe('a disk that is full', () => {
  itWithDisk(
    'is told by npm run batch, which leaves no half of an output and goes on when there is space',
    async (small) => {
      const output = join(small.folder, 'out');
      // Room for a part and not for all of them; then for all, and not for the output that is made of them.
      for (const free of [3, 8]) {
        small.fill(DISK_MB - free);
        const { status, stdout } = await batch(output);
        expect(stdout).toMatch(FULL);
        expect(stdout).not.toMatch(/is full.*is full/);
        expect(status).toBe(1);
        const left = readdirSync(output);
        expect(left).not.toContain('large.jsonl.out');
        expect(left).not.toContain('.unfinished-objects');
      }
      small.makeSpace();
      expect((await batch(output)).status).toBe(0);
      const quiet = join(folder, 'quiet');
      expect((await batch(quiet)).status).toBe(0);
      expect(outputsIn(output)).toEqual(outputsIn(quiet));
      expect(readdirSync(output).toSorted()).toEqual(readdirSync(quiet).toSorted());
    },
  );

  itWithDisk('is told by npm start -- --objects, which ends', async (small) => {
    // Room for what a first start keeps among temporary files, and not for the file.
    const free = 16;
    small.fill(DISK_MB - free);
    const file = join(folder, 'large.jsonl');
    writeFileSync(file, lines(500_000));
    expect(statSync(file).size).toBeGreaterThan(free * 2 ** 20);
    const { status, stderr } = await spawnProgram(
      command('start', ['--objects', file, '--model', 'banking77-tfidf', '--quiet'], {
        env: { ...process.env, TMPDIR: small.folder },
      }),
    );
    expect(stderr).toMatch(
      /^There is no space for s3:\/\/labelstream-local-objects\/large\.jsonl: make space on the disk of this S3/m,
    );
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(status).toBe(2);
  });
});
