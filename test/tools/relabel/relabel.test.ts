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
import { dirname, join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { chunks } from '../../../src/tools/chunks.ts';
import { generateMessages } from '../../../src/tools/ingest/input/messages.ts';
import { batchWriter, type Item } from '../../../src/stores/dynamodb/batch-write.ts';
import { contentKey } from '../../../src/stores/labels-table.ts';
import { sha256 } from '../../../src/tasks/content-hash.ts';
import { startDynamoDb, type TestDynamoDb } from '../../support/dynamodb.ts';
import { command, type Program, runProgram } from '../../support/run-program.ts';
import { EXPORT_ID, exportFiles } from '../../support/table-export.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const PROGRESS = join(ROOT, '.build', 'relabel');
const MODEL = 'banking77-tfidf@1';

let dynamodb: TestDynamoDb;
let folder: string;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
  folder = mkdtempSync(join(tmpdir(), 'labelstream-relabel-'));
});
afterAll(async () => {
  await dynamodb.stop();
  rmSync(folder, { recursive: true });
});

const program = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Program =>
  command('relabel', args, {
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...env,
    },
  });

const relabel = async (args: readonly string[], env?: Readonly<Record<string, string>>) => {
  const file = join(folder, 'report.json');
  rmSync(file, { force: true });
  const ended = await runProgram(program([...args, '--report', file], env));
  return { ...ended, report: existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined };
};

const tableWith = async (items: readonly Item[], name?: string): Promise<string> => {
  const { name: table } = await dynamodb.create({ keys: ['id'], ...(name !== undefined && { name }) });
  const write = batchWriter(dynamodb.client, { table, keys: ['id'] });
  for (const chunk of chunks(items, 500)) await write(chunk);
  return table;
};

const bearing = (id: string, text: string, model = 'banking77-tfidf@0', of = text): Item => ({
  id: { S: id },
  text: { S: text },
  label: { S: 'former' },
  label_score: { N: '0.5' },
  label_model: { S: model },
  label_hash: { S: sha256(of) },
});

const LOST = 'I have lost my card, what do I do?';
const mixed: readonly Item[] = [
  bearing('old', LOST),
  bearing('edited', LOST, MODEL, 'what it was'),
  bearing('current', LOST, MODEL),
  { id: { S: 'none' }, text: { S: LOST }, kept: { S: 'as it is' } },
  { ...bearing('other', LOST, 'banking77-minilm@1'), model_type: { S: 'banking77-minilm' } },
  { id: { S: 'empty' } },
];

const byId = async (table: string) =>
  Object.fromEntries((await dynamodb.items(table)).map((item) => [item.id, item]));

const LABELLED = { label: 'lost_or_stolen_card', label_model: MODEL, label_hash: sha256(LOST) };

describe('npm run relabel', () => {
  it('labels a table with old labels in, and reports', async () => {
    const table = await tableWith(mixed);
    const before = await byId(table);
    const { status, stdout, stderr, report } = await relabel(['--table', table, '--model', MODEL]);
    expect(stderr).toContain(table);
    expect(status).toBe(0);
    expect(stdout).toContain('stale 2, missing 1');
    const after = await byId(table);
    for (const id of ['old', 'edited', 'none']) expect(after[id]).toMatchObject(LABELLED);
    expect(after.none).toMatchObject({ kept: 'as it is' });
    for (const id of ['current', 'other', 'empty']) expect(after[id]).toEqual(before[id]);
    expect(report).toMatchObject({
      ...{ table, model: MODEL, where: 'all', source: 'scan', isComplete: true, estimate: null },
      counts: {
        examined: 6,
        stale: 2,
        missing: 1,
        chosen: 3,
        labelled: 3,
        current: 1,
        otherModel: 1,
        noText: 1,
      },
      consumed: { write: 3 },
    });
    expect(report.cost.writes).toBeCloseTo(3 * 0.625e-6, 12);
    expect(report.sections[0]).toMatchObject({ id: 'relabel' });
  });

  it('labels a table that never had a label, by a text within a map', async () => {
    const item: Item = { id: { S: 'a' }, message: { M: { body: { S: LOST } } } };
    const table = await tableWith([item, bearing('old', 'not the text')]);
    const env = { TEXT_ATTRIBUTES: 'message.body' };
    const { status, report } = await relabel(['--table', table, '--model', MODEL, '--where', 'missing'], env);
    expect(status).toBe(0);
    expect(report.counts).toMatchObject({ stale: 1, missing: 1, chosen: 1, labelled: 1 });
    expect((await byId(table)).a).toMatchObject({ ...LABELLED, message: { body: LOST } });
  });

  it('writes nothing in a dry run, and says what it would take', async () => {
    const table = await tableWith(mixed);
    const before = await byId(table);
    const args = ['--table', table, '--model', MODEL, '--where', 'stale', '--dry-run'];
    const { status, stdout, report } = await relabel(args);
    expect(status).toBe(0);
    expect(await byId(table)).toEqual(before);
    expect(stdout).toContain('labelling takes');
    expect(report).toMatchObject({
      counts: { stale: 2, missing: 1, chosen: 2, labelled: 0 },
      consumed: { write: 0 },
      // By the size of a page, which is counted in units of 8 KB.
      estimate: { writeUnits: 6, seconds: expect.any(Number) },
    });
  });

  it('fills a labels table, and leaves the items alone', async () => {
    const table = await tableWith(mixed);
    const before = await byId(table);
    const labels = await dynamodb.createTable('item', 'content');
    const args = ['--table', table, '--model', MODEL, '--store', 'labels-table'];
    const first = await relabel(args, { LABELS_TABLE: labels });
    expect(first.report.counts).toMatchObject({ missing: 4, labelled: 4, otherModel: 1, noText: 1 });
    const again = await relabel(args, { LABELS_TABLE: labels });
    expect(again.report.counts).toMatchObject({ current: 4, missing: 0, chosen: 0 });
    expect(await byId(table)).toEqual(before);
    const rows = await dynamodb.items(labels);
    expect(rows).toHaveLength(4);
    for (const row of rows) expect(row).toMatchObject({ content: contentKey(MODEL, sha256(LOST)) });
    const refused = await relabel([...args, '--where', 'stale'], { LABELS_TABLE: labels });
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('--where missing') });
  });

  it.each<[string, readonly string[], string]>([
    ['a table that does not exist', ['--table', 'nobody', '--model', MODEL], 'Table nobody does not exist'],
    [
      'a model that is not here',
      ['--table', 'nobody', '--model', 'mine@3'],
      'Model mine@3 not found in models/',
    ],
    ['a model without its version', ['--table', 'nobody', '--model', 'mine'], 'name it with its version'],
    ['no model', ['--table', 'nobody'], '--model name@version'],
    ['a stage and a table', ['--table', 'a', '--stage', 'dev', '--model', MODEL], 'do not go together'],
    ['PartiQL where there is none', ['--store', 'partiql'], 'has no PartiQL'],
  ])('says what to do about %s', async (_, args, message) => {
    const { status, stderr } = await relabel(args);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(message) });
  });

  it('refuses to overwrite the text that it labels', async () => {
    const table = await tableWith(mixed);
    const { status, stderr } = await relabel(['--table', table, '--model', MODEL], {
      TEXT_ATTRIBUTES: 'label',
    });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('TEXT_ATTRIBUTES names label'),
    });
  });
});

describe('a run that is interrupted', () => {
  const COUNT = 1_600;
  const begin = (args: readonly string[]) => {
    const { file, cwd, env } = program(args);
    const child: ChildProcess = spawn(process.execPath, [file, ...args], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const done = Promise.all([
      once(child, 'close'),
      textOf(child.stdout as NodeJS.ReadableStream),
      textOf(child.stderr as NodeJS.ReadableStream),
    ]).then(([[status, signal], , stderr]) => ({ status, signal, stderr }));
    return { child, done };
  };
  /** The progress that is in the one file of this table. */
  const progressOf = (table: string) => {
    const files = existsSync(PROGRESS) ? readdirSync(PROGRESS).filter((file) => file.endsWith('.json')) : [];
    return files
      .map((file) => JSON.parse(readFileSync(join(PROGRESS, file), 'utf8')))
      .find(({ run }) => String(run.table).endsWith(`/${table}`));
  };

  it.each([
    ['killed', 'SIGKILL', null],
    ['ended by Ctrl-C', 'SIGINT', 130],
  ] as const)('goes on where it was when it was %s', async (_, signal, expected) => {
    const texts = [...generateMessages({ count: COUNT })];
    const table = await tableWith(texts.map((text, id) => bearing(String(id), text)));
    const args = ['--table', table, '--model', MODEL, '--segments', '1', '--quiet'];
    // Slow enough to be met in the middle.
    const { child, done } = begin([...args, '--write-units', '500']);
    while (progressOf(table) === undefined && child.exitCode === null) await sleep(20);
    child.kill(signal);
    const { status, stderr } = await done;
    expect(status).toBe(expected);
    if (signal === 'SIGINT') expect(stderr).toContain('The same command goes on');
    const { counts, positions } = progressOf(table);
    expect(counts.examined).toBeGreaterThan(0);
    expect(counts.examined).toBeLessThan(COUNT);
    expect(Object.keys(positions).length).toBeGreaterThan(0);

    const again = await relabel(args);
    expect(again.stderr).toContain(`${counts.examined} items are examined by an earlier run`);
    expect(again.status).toBe(0);
    const { counts: all } = again.report;
    expect(all).toMatchObject({ examined: COUNT, failed: 0, superseded: 0 });
    // What was written in the pages that were in work is found done.
    expect(all.labelled + all.current).toBe(COUNT);
    expect(progressOf(table)).toBeUndefined();
    const items = await dynamodb.items(table);
    expect(items.filter(({ label_model: model }) => model === MODEL)).toHaveLength(COUNT);
  });
});

describe('the demonstration', () => {
  it('needs no account and no table', async () => {
    const env = { AWS_ENDPOINT_URL_DYNAMODB: '' };
    const { status, stderr, report } = await relabel(['--records', '60'], env);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringContaining('embedded table of 60 messages'),
    });
    expect(report.counts).toMatchObject({ examined: 60, missing: 12, stale: 48, labelled: 60 });
  });
});

describe('from an export', () => {
  /** A folder as DynamoDB writes it, of these items. */
  const exportOf = (table: string, items: readonly (Item | string)[], summary: object = {}): string => {
    const root = mkdtempSync(join(folder, 'export-'));
    const tableArn = `arn:aws:dynamodb:us-east-1:000000000000:table/${table}`;
    for (const { key, body } of exportFiles({ tableArn, items, summary })) {
      mkdirSync(dirname(join(root, key)), { recursive: true });
      writeFileSync(join(root, key), body);
    }
    return join(root, 'AWSDynamoDB', EXPORT_ID);
  };

  it('labels what is as it was, and neither what has changed since nor what is gone', async () => {
    const many = Array.from({ length: 12 }, (_, id) => bearing(`many-${id}`, LOST));
    const then = [...mixed, bearing('deleted', LOST), bearing('relabelled', LOST), ...many];
    const table = await tableWith([
      ...mixed.slice(1),
      bearing('old', 'edited since', 'banking77-tfidf@0', LOST),
      ...many,
    ]);
    const write = batchWriter(dynamodb.client, { table, keys: ['id'] });
    await write([bearing('relabelled', LOST, 'banking77-cascade@1')]);
    const args = ['--table', table, '--model', MODEL, '--export', exportOf(table, then)];
    const { status, stderr, report } = await relabel(args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) });
    expect(report).toMatchObject({
      isComplete: true,
      source: expect.stringContaining('AWSDynamoDB'),
      counts: { examined: 20, stale: 16, missing: 1, labelled: 14, superseded: 3, failed: 0 },
    });
    const after = await byId(table);
    expect(after.deleted).toBeUndefined();
    expect(after.old).toMatchObject({ text: 'edited since', label_model: 'banking77-tfidf@0' });
    expect(after.relabelled).toMatchObject({ label_model: 'banking77-cascade@1' });
    for (const id of ['none', 'edited', 'many-0', 'many-11']) expect(after[id]).toMatchObject(LABELLED);
  });

  it('counts lines that are no items', async () => {
    const table = await tableWith(mixed);
    const args = [
      '--table',
      table,
      '--model',
      MODEL,
      '--export',
      exportOf(table, [...mixed, '{"Item": ', '[]']),
    ];
    const { report } = await relabel(args);
    expect(report.counts).toMatchObject({ examined: 8, invalid: 2, labelled: 3 });
  });

  it.each<[string, object, string]>([
    [
      'of another table',
      { tableArn: 'arn:aws:dynamodb:us-east-1:0:table/other' },
      'is an export of table other',
    ],
    ['in Amazon Ion', { outputFormat: 'ION' }, 'a full export in DYNAMODB_JSON'],
    ['of changes', { exportType: 'INCREMENTAL_EXPORT' }, 'a full export in DYNAMODB_JSON'],
  ])('refuses one %s', async (_, summary, message) => {
    const table = await tableWith(mixed);
    const { status, stderr } = await relabel([
      '--table',
      table,
      '--model',
      MODEL,
      '--export',
      exportOf(table, mixed, summary),
    ]);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(message) });
  });

  it('says what is broken in one', async () => {
    const table = await tableWith(mixed);
    const place = exportOf(table, mixed);
    const file = join(place, 'data', 'file0.json.gz');
    writeFileSync(file, readFileSync(file).subarray(0, 40));
    const args = ['--table', table, '--model', MODEL, '--export', place];
    const { status, stderr } = await relabel(args);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('file0.json.gz of the export'),
    });
    rmSync(join(place, 'manifest-summary.json'));
    expect((await relabel(args)).stderr).toContain('is no complete export of a table');
    expect((await relabel([...args.slice(0, -1), folder])).stderr).toContain('AWSDynamoDB/<id>/');
  });
});
