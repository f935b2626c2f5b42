import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
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
import { text } from 'node:stream/consumers';
import { paginateScan } from '@aws-sdk/client-dynamodb';
import { progressFile } from '../../../../src/tools/ingest/stage/progress-file.ts';
import { watch } from '../../../../src/tools/ingest/stage/watch.ts';
import { command, type Program, runProgram } from '../../../support/run-program.ts';
import { startStage } from '../../../support/stage-ingest-world.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const PROGRESS = join(ROOT, '.build', 'ingest');

type World = Awaited<ReturnType<typeof startStage>>;

let folder: string;
let world: World;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'labelstream-stage-'));
  world = await startStage();
}, 60_000);
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  Object.assign(world.state, { throttles: 0, delayMs: 0, isStreaming: true });
  world.state.put.length = 0;
});

const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

interface Run {
  readonly child: ChildProcess;
  readonly done: Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }>;
}

const program = (args: readonly string[], env: Readonly<Record<string, string>> = world.env): Program =>
  command('start', args, {
    env: { PATH: process.env.PATH, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', ...env },
  });

/** Starts a process that can be ended. */
const begin = (args: readonly string[]): Run => {
  const { file: start, cwd, env } = program(args);
  const child = spawn(process.execPath, [start, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const done = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
    ([[status], stdout, stderr]) => ({ status: status as number, stdout, stderr }),
  );
  return { child, done };
};

const start = async (...args: string[]) => {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const ended = await runProgram(program(['--stage', 'dev', '--report', report, ...args]));
  return { ...ended, report: existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined };
};

const items = async () => {
  const found = [];
  for await (const { Items = [] } of paginateScan({ client: world.dynamodb }, { TableName: world.table })) {
    found.push(...Items);
  }
  return found;
};

const TOPICS = ['My card is lost', 'How do I change my PIN?', 'The exchange rate is wrong'];
const csv = (rows: number, salt: string): string =>
  `text\n${Array.from({ length: rows }, (_, row) => `${salt} ${row}: ${TOPICS[row % 3]}\n`).join('')}`;

describe('npm start -- --stage', () => {
  it('writes the file into the table, waits for every label and reports what AWS says it took', async () => {
    const rows = Array.from({ length: 300 }, (_, row) => ({
      text: row === 7 ? 'x'.repeat(100_001) : `${row}: ${TOPICS[row % 3]}`,
      intent: row % 3 === 1 ? 'change_pin' : null,
    }));
    const input = file('all.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    world.state.throttles = 2;
    const args = ['--input', input, '--label-column', 'intent'];
    const { status, stdout, stderr, report } = await start(...args, '--allow-rejects');
    expect([status, stderr]).toEqual([0, expect.stringContaining('account 123456789012, us-east-1')]);
    expect(report).toMatchObject({
      stage: 'dev',
      records: 300,
      items: 300,
      resumedAt: null,
      lost: 0,
      wrong: 0,
      unchecked: 0,
      rejectable: 1,
      rejects: { 'text-too-long': 1 },
      accuracy: 1,
      accuracyItems: 99,
      model: 'banking77-tfidf@1',
      writeUnits: null,
      missing: [expect.stringContaining('write units: ')],
    });
    expect(report.log).toMatchObject({
      counts: { labelled: 299, rejected: 1, failed: 0 },
      memoryMB: { configured: 256, maxUsed: expect.any(Number) },
    });
    expect(report.log.billedMs).toBeGreaterThan(0);
    // Too few to tell.
    expect(report.cost).toBeNull();
    // Each once, and little more, while waiting.
    expect(report.reads).toBeLessThan(299 * 5);
    expect(stdout).toMatch(/lost 0, wrong 0/);
    expect(stderr).toMatch(/299\/300 labelled, 300 in the stream/);
    expect(new Set(world.state.put).size).toBe(300);
    expect(readdirSync(PROGRESS)).toEqual([]);

    // Again: the same items, and no more of them.
    const before = (await items()).length;
    const again = await start(...args, '--quiet');
    expect(await items()).toHaveLength(before);
    expect([again.status, again.stderr]).toEqual([1, expect.stringMatching(/^rejects: text-too-long 1\. /m)]);
  }, 60_000);

  it('refuses a label column without a label of the model before anything is written', async () => {
    const before = (await items()).length;
    const input = file('impossible.csv', 'text,kind\na,b\n');
    const { status, stderr } = await start('--input', input, '--label-column', 'kind');
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/its only value is not a label of banking77-tfidf@1/),
    ]);
    expect(await items()).toHaveLength(before);
  });

  it('goes on after Ctrl-C where it was, without doubles', async () => {
    const before = (await items()).length;
    const [input, html] = [file('long.csv', csv(4_000, 'resumed')), file('interrupted.html', '')];
    world.state.delayMs = 60;
    const { child, done } = begin(['--stage', 'dev', '--input', input, '--quiet', '--html', html]);
    while (world.state.put.length < 1_000) await new Promise((next) => setTimeout(next, 20));
    child.kill('SIGINT');
    const ended = await done;
    expect([ended.status, ended.stderr]).toEqual([
      130,
      expect.stringMatching(
        /Interrupted: \d+ of 4000 are written\. The same command goes on from there \(.*json\)/,
      ),
    ]);
    expect(readFileSync(html, 'utf8')).toContain('An ingest of 4,000 records into stage dev, interrupted');
    const [, written] = /Interrupted: (\d+)/.exec(ended.stderr) ?? [];
    expect(Number(written)).toBeGreaterThan(0);
    expect(Number(written)).toBeLessThan(4_000);

    world.state.delayMs = 0;
    const { status, stderr, report } = await start('--input', input, '--quiet');
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining(`${written} of 4000 are written by an earlier run`),
    ]);
    expect(report).toMatchObject({ records: 4_000, resumedAt: Number(written), lost: 0, wrong: 0 });
    expect(report.cost).toMatchObject({
      architecture: 'arm64',
      stream: { mode: 'PROVISIONED', shards: 1, fanOut: 'native', perMonth: 10.8 },
      perIngest: expect.any(Number),
    });
    expect((await items()).length - before).toBe(4_000);
    // At most one chunk was under way.
    expect(world.state.put.length).toBeLessThanOrEqual(4_500);
    expect(readdirSync(PROGRESS)).toEqual([]);
  }, 60_000);

  it('gives up waiting when no label comes, says how many are missing, and waits on when run again', async () => {
    world.state.isStreaming = false;
    const input = file('silent.csv', csv(30, 'silent'));
    const first = await start('--input', input, '--patience', '1', '--quiet');
    expect([first.status, first.report?.lost, first.stderr]).toEqual([
      1,
      30,
      expect.stringContaining('lost 30, wrong 0. The same command goes on waiting'),
    ]);
    const silent = (await items()).filter(({ text: { S = '' } = {} }) => S.startsWith('silent'));
    world.state.isStreaming = true;
    await world.sendOn(silent);
    world.state.put.length = 0;
    const second = await start('--input', input, '--quiet');
    expect([second.status, second.report?.lost, second.report?.resumedAt]).toEqual([0, 0, 30]);
    expect(world.state.put).toEqual([]);
  }, 60_000);

  it('stops when the table takes nothing, and says how far it came', async () => {
    world.state.throttles = Number.POSITIVE_INFINITY;
    const input = file('throttled.csv', csv(30, 'throttled'));
    const { status, stderr } = await runProgram(
      program(['--stage', 'dev', '--input', input, '--quiet'], { ...world.env, AWS_MAX_ATTEMPTS: '2' }),
    );
    expect(status).toBe(2);
    expect(stderr).toContain('ProvisionedThroughputExceededException');
    expect(stderr).toContain('0 of 30 are written. The same command goes on from there');
  }, 60_000);
});

describe('npm start -- --stage, refused before anything is written', () => {
  it.each<[string, () => readonly string[], RegExp, Readonly<Record<string, string>>?]>([
    [
      'a stage that is not deployed',
      () => ['--stage', 'qa', '--records', '5'],
      /^Stack labelstream-qa does not exist in us-east-1\. Deploy it with "npx serverless deploy --stage qa"/,
    ],
    ['neither file nor number', () => ['--stage', 'dev'], /--stage needs --input FILE, or --records N/],
    [
      'a missing column',
      () => ['--stage', 'dev', '--input', file('a.csv', 'body\nhi\n')],
      /a\.csv, line 1, column "text": no such column; name one of "body"/,
    ],
    [
      'a broken last line',
      () => ['--stage', 'dev', '--input', file('b.jsonl', `${'{"text":"fine"}\n'.repeat(2_000)}{"text":`)],
      /b\.jsonl, line 2001: broken JSON/,
    ],
    [
      'a field that is no string',
      () => ['--stage', 'dev', '--input', file('c.jsonl', '{"text":"fine"}\n{"text":5}\n')],
      /c\.jsonl, line 2, column "text": not a string/,
    ],
    [
      'a text that no item holds',
      () => [
        '--stage',
        'dev',
        '--input',
        file('d.jsonl', `{"text":"a"}\n{"text":"${'x'.repeat(410_000)}"}\n`),
      ],
      /d\.jsonl, line 2, column "text": .*400 KB/,
    ],
    [
      'a model',
      () => ['--stage', 'dev', '--records', '5', '--model', 'x'],
      /--model does not go with --stage: the stage decides, by "npm run model -- use"/,
    ],
    [
      'a batch size',
      () => ['--stage', 'dev', '--records', '5', '--batch-size', '5'],
      /--batch-size does not go with --stage: the stage decides, by the parameter batchSize/,
    ],
    [
      'chaos',
      () => ['--stage', 'dev', '--records', '5', '--chaos'],
      /--chaos does not go with --stage: it runs against the embedded emulators only\.$/m,
    ],
    [
      'a region without a stage',
      () => ['--region', 'eu-west-1', '--records', '5'],
      /--region is for --stage/,
    ],
    [
      'missing credentials',
      () => ['--stage', 'dev', '--records', '5'],
      /^No valid AWS credentials \(CredentialsProviderError\): set AWS_PROFILE/m,
      { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
    ],
  ])('%s', async (_, args, message, env = {}) => {
    const { status, stderr, stdout } = await runProgram(
      program([...args(), '--quiet'], { ...world.env, ...env }),
    );
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ at .*\.ts:/);
    expect(world.state.put).toEqual([]);
  });
});

describe('the progress file', () => {
  const ingest = { stackId: 'stack', digest: '0123456789', records: 10 };
  const at = () => progressFile(folder, 'dev', ingest);
  const put = (content: string) => {
    mkdirSync(join(folder, '.build', 'ingest'), { recursive: true });
    writeFileSync(at().path, content);
  };

  it('gives back what was saved, and nothing once removed', async () => {
    const state = { ...ingest, written: 4, startedAt: 1 };
    await at().save(state);
    expect(await at().load()).toEqual(state);
    await at().remove();
    expect(await at().load()).toBeUndefined();
  });

  it.each([
    ['broken', '{"stackId":', /is broken\. Delete it to begin anew/],
    ['of something else', '{}', /is broken/],
    ['beyond its end', JSON.stringify({ ...ingest, written: 11, startedAt: 1 }), /is broken/],
    [
      'of a deployment that is gone',
      JSON.stringify({ ...ingest, stackId: 'other', written: 1, startedAt: 1 }),
      /of another deployment of stage dev/,
    ],
  ])('that is %s is refused', async (_, content, message) => {
    put(content);
    await expect(at().load()).rejects.toThrow(message);
    await at().remove();
  });

  it('that cannot be read is refused', async () => {
    mkdirSync(at().path, { recursive: true });
    await expect(at().load()).rejects.toThrow(/cannot be read \(EISDIR\)\. Delete it/);
  });
});

describe('waiting for labels', () => {
  it('asks for each item once and little more, and is not held up by those that never get a label', async () => {
    const asked = new Map<number, number>();
    const { missing } = await watch({
      records: 5_000,
      written: () => 5_000,
      isExpected: (position) => position % 1_000 !== 1,
      // More than a look are without a label for good, and come first.
      look: async (positions) =>
        positions.map((position) => {
          asked.set(position, (asked.get(position) ?? 0) + 1);
          return position >= 500;
        }),
      patienceSeconds: 0.2,
    });
    expect(missing).toHaveLength(499);
    const others = [...asked].filter(([position]) => position >= 500);
    expect(others).toHaveLength(4_496);
    for (const [, times] of others) expect(times).toBe(1);
  });
});
