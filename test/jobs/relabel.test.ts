import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { processesOf, shareOf } from '../../src/jobs/shared-plan.ts';
import { batchWriter, type Item } from '../../src/stores/dynamodb/batch-write.ts';
import { sha256 } from '../../src/tasks/content-hash.ts';
import { generateMessages } from '../../src/tools/ingest/input/messages.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';
import { type S3World, s3World } from '../support/embedded-s3.ts';
import { EXPORT_ID, exportFiles } from '../support/table-export.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MODEL = 'banking77-tfidf@1';
const TEXT = 'I have lost my card, what do I do?';
const LABELLED = { label: 'lost_or_stolen_card', label_model: MODEL };

let dynamodb: TestDynamoDb;
let s3: S3World;
let folder: string;
beforeAll(async () => {
  [dynamodb, s3] = await Promise.all([startDynamoDb(), s3World(['labels'])]);
  folder = mkdtempSync(join(tmpdir(), 'labelstream-relabel-job-'));
});
afterAll(async () => {
  await Promise.all([dynamodb.stop(), s3.stop()]);
  rmSync(folder, { recursive: true });
});

const former = (id: string, of = TEXT): Item => ({
  ...{ id: { S: id }, text: { S: of }, label: { S: 'former' } },
  ...{ label_model: { S: 'banking77-tfidf@0' }, label_hash: { S: sha256(of) } },
});
const unlabelled = (id: string): Item => ({ id: { S: id }, text: { S: TEXT } });

const tableWith = async (items: readonly Item[]): Promise<string> => {
  const table = await dynamodb.createTable('id');
  await batchWriter(dynamodb.client, { table, keys: ['id'] })(items);
  return table;
};

type Line = Readonly<Record<string, unknown>>;

const begin = (env: Readonly<Record<string, string>>) => {
  const child: ChildProcess = spawn(process.execPath, [join(ROOT, 'src', 'main.ts'), 'job', 'relabel'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      ...{ AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint, AWS_REGION: 'us-east-1' },
      ...{ AWS_ENDPOINT_URL_S3: s3.endpoint },
      ...{ AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', ORT_DISABLE_TELEMETRY: '1' },
      ...{ MODELS_DIR: join(ROOT, 'models'), MODEL, WORKERS: '1', RELABEL_SEGMENTS: '3' },
      RELABEL_PROGRESS: mkdtempSync(join(folder, 'progress-')),
      ...env,
    },
  });
  const done = Promise.all([once(child, 'close'), text(child.stdout as NodeJS.ReadableStream)]).then(
    ([[status], said]) => {
      const logged = said
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Line);
      const summary = logged.find(({ message }) => message === 'summary');
      return { status: status as number, logged, summary };
    },
  );
  return { child, done };
};

const run = (env: Readonly<Record<string, string>>) => begin(env).done;

describe('the job relabel', () => {
  it("labels a table's items from an export in S3, shared by children, where they are as they were", async () => {
    const now = [former('a'), former('b'), former('edited', 'another text'), unlabelled('new')];
    const table = await tableWith(now);
    const then = [former('a'), former('b'), former('edited'), former('gone'), unlabelled('new')];
    const tableArn = `arn:aws:dynamodb:us-east-1:000000000000:table/${table}`;
    for (const { key: Key, body: Body } of exportFiles({
      ...{ tableArn, items: then, prefix: 'exports/', linesOfFile: 2 },
    }))
      await s3.client.send(new PutObjectCommand({ Bucket: 'labels', Key, Body }));
    const env = {
      DOCUMENTS_TABLE: table,
      RELABEL_EXPORT: `s3://labels/exports/AWSDynamoDB/${EXPORT_ID}/`,
      RELABEL_PROGRESS: 's3://labels/.parts/relabel/1/',
      AWS_BATCH_JOB_ARRAY_SIZE: '2',
    };
    const ends = [];
    for (const index of ['0', '1']) ends.push(await run({ ...env, AWS_BATCH_JOB_ARRAY_INDEX: index }));
    expect(ends).toMatchObject([
      { status: 0, summary: { shards: 2, counts: { examined: 3, stale: 2, missing: 1, labelled: 3 } } },
      { status: 0, summary: { shards: 1, counts: { examined: 2, stale: 2, superseded: 2, labelled: 0 } } },
    ]);
    const items = Object.fromEntries((await dynamodb.items(table)).map((item) => [item.id, item]));
    for (const id of ['a', 'b', 'new']) expect(items[id]).toMatchObject(LABELLED);
    expect(items.edited).toMatchObject({ text: 'another text', label: 'former' });
    expect(items.gone).toBeUndefined();
  }, 60_000);

  it('scans the table without an export, and takes the items that are asked for', async () => {
    const table = await tableWith([former('a'), unlabelled('b'), former('c')]);
    const missing = await run({ DOCUMENTS_TABLE: table, RELABEL_WHERE: 'missing' });
    expect(missing).toMatchObject({
      status: 0,
      summary: { shards: 3, counts: { examined: 3, stale: 2, missing: 1, chosen: 1, labelled: 1 } },
    });
    const all = await run({ DOCUMENTS_TABLE: table, WORKERS: '2' });
    expect(all.summary).toMatchObject({ counts: { examined: 3, current: 1, labelled: 2, writeUnits: 2 } });
    for (const item of await dynamodb.items(table)) expect(item).toMatchObject(LABELLED);
  }, 60_000);

  it('ends at SIGTERM with the status that is retried, and goes on there', async () => {
    const COUNT = 1_500;
    const texts = [...generateMessages({ count: COUNT })];
    const table = await tableWith(texts.map((of, id) => former(String(id), of)));
    const progress = mkdtempSync(join(folder, 'interrupted-'));
    const env = { DOCUMENTS_TABLE: table, RELABEL_PROGRESS: progress, RELABEL_SEGMENTS: '1' };
    // Slow enough to be met in the middle.
    const { child, done } = begin({ ...env, RELABEL_WRITE_UNITS: '400' });
    const labelled = async (): Promise<number> =>
      (await dynamodb.items(table)).filter(({ label_model: model }) => model === MODEL).length;
    while ((await labelled()) === 0 && child.exitCode === null) await sleep(50);
    child.kill('SIGTERM');
    expect(await done).toMatchObject({ status: 75, summary: { left: 1, shards: 0 } });
    const state = JSON.parse(readFileSync(join(progress, '0.json'), 'utf8'));
    expect(state.counts.examined).toBeGreaterThan(0);
    expect(state.counts.examined).toBeLessThan(COUNT);
    // What had been begun was ended: nothing has to be looked at again.
    expect(await labelled()).toBe(state.counts.labelled);

    expect(await run(env)).toMatchObject({
      status: 0,
      summary: { counts: { examined: COUNT, labelled: COUNT, current: 0, superseded: 0 } },
    });
    expect(await labelled()).toBe(COUNT);
    expect(readdirSync(progress)).toEqual(['0.json']);
    // Once more it has nothing to do, and says what was done.
    expect(await run(env)).toMatchObject({
      status: 0,
      summary: { texts: 0, counts: { examined: COUNT, labelled: COUNT } },
    });
  }, 90_000);

  it('writes the rows of a labels table that are missing, and no others', async () => {
    const table = await tableWith([unlabelled('a'), unlabelled('b'), former('c')]);
    const labels = await dynamodb.createTable('item', 'content');
    const env = { DOCUMENTS_TABLE: table, LABELS_TABLE: labels, LABEL_STORE: 'labels-table' };
    const first = await run(env);
    expect(first.summary).toMatchObject({ counts: { examined: 3, missing: 3, labelled: 3 } });
    const again = await run(env);
    expect(again.summary).toMatchObject({ counts: { examined: 3, current: 3, chosen: 0, labelled: 0 } });
    expect(await run({ ...env, RELABEL_WHERE: 'stale' })).toMatchObject({
      status: 2,
      logged: [{}, { reason: expect.stringContaining('no label is stale') }],
    });
  }, 60_000);

  it.each([
    ['there is no table', {}, 1, 'reading nobody failed: ResourceNotFoundException'],
    ['no place for the progress', { RELABEL_PROGRESS: '' }, 2, 'RELABEL_PROGRESS: '],
    ['there is no such export', { RELABEL_EXPORT: 's3://labels/AWSDynamoDB/1/' }, 2, 'no complete export'],
    ['there is no such model', { MODEL: 'mine@3' }, 2, 'mine@3'],
  ])('says what is wrong where %s', async (_, env, status, reason) => {
    const ended = await run({ DOCUMENTS_TABLE: 'nobody', ...env });
    expect(ended.status).toBe(status);
    expect(JSON.stringify(ended.logged)).toContain(reason);
  });
});

describe('processesOf', () => {
  it('counts the processes that have a share of the shards', () => {
    const some = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(fc.nat({ max: 100 }), some, some, (tasks, children, workers) => {
        const all = Array.from({ length: tasks }, (_, index) => index);
        const each = Array.from({ length: children }, (_, index) =>
          Math.min(workers, shareOf(all, index, children).length),
        );
        expect(processesOf(tasks, children, workers)).toBe(each.reduce((sum, one) => sum + one, 0));
      }),
    );
  });
});
