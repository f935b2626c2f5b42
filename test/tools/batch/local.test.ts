import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { toyReader } from '../../support/toy-reader.ts';
import { command, spawnProgram } from '../../support/run-program.ts';

let folder: string;
let input: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'batch-'));
  input = join(folder, 'in');
  mkdirSync(join(input, 'below'), { recursive: true });
  const lines = (count: number) =>
    Array.from({ length: count }, (_, index) => `{"id":"r${index}","text":"I lost my card ${index}"}\n`).join(
      '',
    );
  // Several shards of 1 MB.
  writeFileSync(join(input, 'large.jsonl'), lines(60_000));
  writeFileSync(join(input, 'below', 'packed.jsonl.gz'), gzipSync(lines(10)));
  writeFileSync(join(input, 'below', 'table.csv'), 'id,text\n1,exchange rate\n');
  writeFileSync(join(input, 'README.md'), 'not ours');
});
afterAll(() => rmSync(folder, { recursive: true }));

const options = (output: string, ...more: readonly string[]) => [
  ...['--input', input, '--output', output, '--model', 'banking77-tfidf'],
  ...['--shard-mb', '1', '--workers', '1', ...more],
];
const batch = (output: string, ...more: readonly string[]) =>
  spawnProgram(command('batch', options(output, ...more)));

/** All files of a folder with their content, without what differs: the run of a manifest, and its seconds. */
const contentOf = (output: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(output, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [
        path.slice(output.length + 1),
        readFileSync(path, 'utf8')
          .replace(/,?\s*"(seconds|run)":[^,\n]+/g, '')
          .replaceAll(output, ''),
      ]),
  );

/** Starts it, and waits until a shard of the large file is done, and others are not. */
const begun = async (output: string) => {
  const { file, args, cwd, env } = command('batch', options(output));
  const child = spawn(process.execPath, [file, ...args], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => {
    errors += text.toString();
  });
  const ended = once(child, 'close').then(([status]) => status as number | null);
  const parts = join(output, '.parts');
  const isBegun = () =>
    existsSync(parts) &&
    readdirSync(parts, { recursive: true }).some((name) => String(name).endsWith('.json'));
  while (!isBegun() && child.exitCode === null) await sleep(5);
  return { child, ended, errors: () => errors };
};

describe('npm run batch, on this machine', () => {
  let quiet: Readonly<Record<string, string>>;
  it('classifies the files of a folder, and reports', async () => {
    const output = join(folder, 'quiet');
    const report = join(folder, 'report.json');
    const { status, stdout, stderr } = await batch(output, '--report', report);
    expect({ status, stderr: /Error/.test(stderr) }).toEqual({ status: 0, stderr: false });
    quiet = contentOf(output);
    const names = ['below/packed.jsonl.gz', 'below/table.csv', 'large.jsonl'];
    expect(Object.keys(quiet).toSorted()).toEqual(
      names.flatMap((name) => [`${name}.manifest.json`, `${name}.out`]),
    );
    const lines = quiet['large.jsonl.out']?.trimEnd().split('\n') ?? [];
    expect(lines).toHaveLength(60_000);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      recordId: 'r59999',
      model: 'banking77-tfidf@1',
      label: expect.any(String),
    });
    expect(stdout).toMatch(/labelled\s+│ 60,011/);
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({
      objects: 3,
      skipped: 1,
      left: 0,
      tally: {
        ...{ objects: 3, failures: [], counts: { lines: 60_011, labelled: 60_011 } },
        peakMB: expect.any(Number),
      },
    });
    // Nothing is done twice.
    const again = await batch(output);
    expect(again.status).toBe(0);
    expect(again.stdout).toMatch(/done before\s+│ 3/);
    expect(contentOf(output)).toEqual(quiet);
  });

  it('goes on where it was killed, to the same output', async () => {
    const output = join(folder, 'killed');
    const { child, ended } = await begun(output);
    child.kill('SIGKILL');
    expect(await ended).toBeNull();
    expect(existsSync(join(output, 'large.jsonl.out'))).toBe(false);
    const done = readdirSync(join(output, '.parts'), { recursive: true }).map(String);
    expect(done.some((name) => name.endsWith('.json'))).toBe(true);
    expect((await batch(output)).status).toBe(0);
    expect(contentOf(output)).toEqual(quiet);
  });

  it('ends at the end of a shard at Ctrl-C, and goes on', async () => {
    const output = join(folder, 'stopped');
    const { child, ended, errors } = await begun(output);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(errors()).toMatch(/Stopped: the same command again does the rest/);
    expect((await batch(output)).status).toBe(0);
    expect(contentOf(output)).toEqual(quiet);
  });

  it('exits with 1 where lines or objects have errors, after all the rest is done', async () => {
    const faulty = join(folder, 'faulty');
    mkdirSync(faulty);
    writeFileSync(join(faulty, 'a.jsonl'), '{"text":"lost my secret"}\n{bad secret\n');
    const packed = gzipSync('{"text":"lost my card"}\n'.repeat(1_000));
    writeFileSync(join(faulty, 'b.jsonl.gz'), packed.subarray(0, packed.length / 2));
    writeFileSync(join(faulty, 'c.jsonl'), '{"text":"lost my card"}\n');
    const output = join(folder, 'faulty-out');
    const { status, stdout, stderr } = await spawnProgram(
      command('batch', ['--input', faulty, '--output', output, '--model', 'banking77-tfidf']),
    );
    expect(status).toBe(1);
    expect(stdout).toMatch(/lines with bad-json\s+│ 1/);
    expect(stdout).toMatch(/b\.jsonl\.gz.*bad-gzip/);
    expect(readFileSync(join(output, 'c.jsonl.out'), 'utf8')).toMatch(/"label"/);
    expect(stdout + stderr).not.toContain('secret');
  });

  it.each([
    ['no places', [], /Give --input .* and --output/],
    ['no such input', ['--input', 'nowhere', '--output', 'out'], /nowhere: there is no such file or folder/],
    [
      'no URL',
      ['--input', 's3:/bucket', '--output', 'out'],
      /--input s3:\/bucket: give s3:\/\/bucket\/prefix/,
    ],
    [
      'no folder of models',
      ['--input', 'jest.config.js', '--output', 'out', '--models', 'nowhere'],
      /model directory .*nowhere does not exist/,
    ],
    [
      'no such model',
      ['--input', 'jest.config.js', '--output', 'out', '--model', 'none'],
      /model none not found/,
    ],
    ['an empty folder', ['--input', 'EMPTY', '--output', 'OUT'], /nothing to classify in .*it is empty/],
    [
      'an output in a file',
      ['--input', 'EMPTY', '--output', 'jest.config.js/x'],
      /folder cannot be created \(ENOTDIR\)/,
    ],
    [
      'a report in no folder',
      ['--input', 'EMPTY', '--output', 'OUT', '--report', 'none/x'],
      /--report none\/x cannot be/,
    ],
  ])('says what to do, and exits with 2, for %s', async (_, args, message) => {
    const empty = join(folder, 'empty');
    mkdirSync(empty, { recursive: true });
    const given = args.map((one) => (one === 'EMPTY' ? empty : one === 'OUT' ? join(folder, 'out') : one));
    const { status, stderr } = await spawnProgram(command('batch', given));
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(status).toBe(2);
  });

  it('takes models of another folder', async () => {
    const reader = toyReader();
    const [file, output] = [join(folder, 'questions.csv'), join(folder, 'questions-out')];
    writeFileSync(file, 'question,context\nWhich card?,It is the card.\n');
    const places = ['--input', file, '--output', output, '--models', reader.directory, '--model', 'bert'];
    try {
      expect(await spawnProgram(command('batch', [...places, '--quiet']))).toMatchObject({ status: 0 });
    } finally {
      reader.release();
    }
    expect(readFileSync(join(output, 'questions.csv.out'), 'utf8')).toContain(
      'Which card?,It is the card.,the,',
    );
  });

  it('takes one file, whose changed version it classifies anew', async () => {
    const file = join(folder, 'one.txt');
    const output = join(folder, 'one-out');
    writeFileSync(file, 'I lost my card\n');
    const once = () =>
      spawnProgram(
        command('batch', ['--input', file, '--output', output, '--model', 'banking77-tfidf', '--quiet']),
      );
    expect(await once()).toEqual({ status: 0, stdout: '', stderr: '' });
    appendFileSync(file, 'exchange rate\n');
    expect((await once()).status).toBe(0);
    expect(readFileSync(join(output, 'one.txt.out'), 'utf8').trimEnd().split('\n')).toHaveLength(2);
  });
});
