import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { sha256 } from '../../src/tasks/content-hash.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';
import { spawnProgram } from '../support/run-program.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MODEL = 'banking77-tfidf@1';
const TEXT = 'I have lost my card, what do I do?';

let dynamodb: TestDynamoDb;
let folder: string;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
  folder = mkdtempSync(join(tmpdir(), 'labelstream-relabel-job-'));
});
afterAll(async () => {
  await dynamodb.stop();
  rmSync(folder, { recursive: true });
});

const former = (id: string, text = TEXT) => ({
  ...{ id, text, label: 'former' },
  ...{ label_model: 'banking77-tfidf@0', label_hash: sha256(text) },
});

const run = async (env: Readonly<Record<string, string>>) => {
  const { status, stdout } = await spawnProgram({
    file: join(ROOT, 'src', 'main.ts'),
    args: ['job', 'relabel'],
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      ...{ AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint, AWS_REGION: 'us-east-1' },
      ...{ AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', ORT_DISABLE_TELEMETRY: '1' },
      ...{ MODELS_DIR: join(ROOT, 'models'), MODEL, WORKERS: '1' },
      ...{ INPUT: join(folder, 'in'), OUTPUT_BUCKET: join(folder, 'out') },
      ...env,
    },
  });
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { status, logged: lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>) };
};

describe('the job relabel', () => {
  it("labels a table's items from its export, where they are as they were", async () => {
    const table = await dynamodb.createTable('id');
    for (const item of [
      former('a'),
      former('b'),
      former('edited', 'another text'),
      { id: 'new', text: TEXT },
    ])
      await dynamodb.put(table, item);
    const then = [former('a'), former('b'), former('edited'), former('gone'), { id: 'new', text: TEXT }];
    const data = join(folder, 'in', 'AWSDynamoDB', '0169-2d87', 'data');
    mkdirSync(data, { recursive: true });
    for (const [index, part] of [then.slice(0, 2), then.slice(2)].entries()) {
      const lines = part.map((item) => {
        const attributes = Object.entries(item).map(([name, S]) => [name, { S }] as const);
        return `${JSON.stringify({ Item: Object.fromEntries(attributes) })}\n`;
      });
      writeFileSync(join(data, `file${index}.json.gz`), gzipSync(lines.join('')));
    }
    writeFileSync(join(data, '..', 'manifest-files.json'), '{}');

    const { status, logged } = await run({ DOCUMENTS_TABLE: table });
    expect(status).toBe(0);
    expect(logged.find(({ message }) => message === 'summary')).toMatchObject({
      shards: 2,
      counts: { examined: 5, stale: 4, missing: 1, labelled: 3, superseded: 2, failed: 0 },
    });
    const items = Object.fromEntries((await dynamodb.items(table)).map((item) => [item.id, item]));
    for (const id of ['a', 'b', 'new'])
      expect(items[id]).toMatchObject({ label: 'lost_or_stolen_card', label_model: MODEL });
    expect(items.edited).toMatchObject({ text: 'another text', label: 'former' });
    expect(items.gone).toBeUndefined();

    const again = await run({ DOCUMENTS_TABLE: table, RELABEL_WHERE: 'missing' });
    expect(again.logged.find(({ message }) => message === 'summary')).toMatchObject({
      counts: { examined: 5, chosen: 1, labelled: 0 },
    });
  }, 60_000);

  it('writes the rows of a labels table that are missing, and no others', async () => {
    const table = await dynamodb.createTable('id');
    const labels = await dynamodb.createTable('item', 'content');
    const env = { DOCUMENTS_TABLE: table, LABELS_TABLE: labels, LABEL_STORE: 'labels-table' };
    const first = await run(env);
    expect(first.logged.find(({ message }) => message === 'summary')).toMatchObject({
      counts: { examined: 5, missing: 5, labelled: 5 },
    });
    const again = await run(env);
    expect(again.logged.find(({ message }) => message === 'summary')).toMatchObject({
      counts: { examined: 5, current: 5, chosen: 0, labelled: 0 },
    });
  }, 60_000);

  it('fails where the table is not there', async () => {
    const { status, logged } = await run({ DOCUMENTS_TABLE: 'nobody' });
    expect(status).toBe(1);
    expect(JSON.stringify(logged)).toContain('items failed: UpdateItem on nobody failed');
  }, 60_000);
});
