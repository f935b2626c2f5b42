import { batchWriter, type Item } from '../../../src/stores/dynamodb/batch-write.ts';
import { sha256 } from '../../../src/tasks/content-hash.ts';
import { startRelabelStage } from '../../support/relabel-stage.ts';
import { command, runProgram } from '../../support/run-program.ts';

const MODEL = 'banking77-tfidf@1';
const TEXT = 'I have lost my card, what do I do?';
const LABELLED = { label: 'lost_or_stolen_card', label_model: MODEL };

let stage: Awaited<ReturnType<typeof startRelabelStage>>;
let write: (items: readonly Item[]) => Promise<unknown>;
beforeAll(async () => {
  stage = await startRelabelStage();
  write = batchWriter(stage.dynamodb.client, { table: stage.table, keys: ['id'] });
});
afterAll(() => stage.stop());

const former = (id: string): Item => ({
  ...{ id: { S: id }, text: { S: TEXT }, label: { S: 'former' } },
  ...{ label_model: { S: 'banking77-tfidf@0' }, label_hash: { S: sha256(TEXT) } },
});
const items: readonly Item[] = [
  ...Array.from({ length: 11 }, (_, index) => former(`old-${index}`)),
  { id: { S: 'new' }, text: { S: TEXT } },
];
beforeEach(() => write(items));

const run = (name: string, args: readonly string[], env = stage.env) =>
  runProgram(command(name, [...args, '--stage', 'dev'], { env }));
const relabel = (...args: readonly string[]) => run('relabel', ['--model', MODEL, ...args]);
/** The report of the newest job. */
const report = async () => {
  const { stdout } = await run('batch', ['status', stage.jobs.at(-1)?.jobId ?? '', '--json']);
  return JSON.parse(stdout);
};
const expectLabelled = async () => {
  const found = await stage.dynamodb.items(stage.table);
  expect(found).toHaveLength(items.length);
  for (const item of found) expect(item).toMatchObject(LABELLED);
};

describe('npm run relabel -- --stage', () => {
  it('relabels the table of a deployed stage, by its settings, with a scan', async () => {
    const { status, stdout, stderr } = await relabel();
    expect(stderr).toContain(`account 123456789012, us-east-1, stage dev, table ${stage.table}`);
    expect(status).toBe(0);
    expect(stdout).toContain('stale 11, missing 1, chosen 12');
    await expectLabelled();
  });

  it('exports the table first, and labels what is as it was then', async () => {
    const { status, stdout, stderr } = await relabel('--from-export', 's3://elsewhere/tables');
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) });
    expect(stdout).toContain('labelled 12');
    expect(stage.exports()).toBe(1);
    await expectLabelled();
  });

  it.each<[string, readonly string[], string]>([
    ['a store beside the stage', ['--store', 'update-item'], '--store does not go with --stage'],
    ['an export without a place', ['--from-export'], '--from-export needs a place without --batch'],
    ['a dry run of a job', ['--batch', '--dry-run'], 'leave --batch away'],
    [
      'an export that jobs may not read',
      ['--batch', '--export', 's3://elsewhere/AWSDynamoDB/1/'],
      'exports below s3://labels/.parts/relabel/ only',
    ],
  ])('refuses %s', async (_, args, message) => {
    const { status, stderr } = await relabel(...args);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(message) });
  });
});

describe('npm run relabel -- --stage --batch', () => {
  it('submits a job that scans the table, which goes on where an earlier one ended', async () => {
    const submitted = await relabel('--batch', '--children', '2', '--write-units', '300');
    expect(submitted.stderr).toContain('at most 1000 read units and 300 write units');
    expect(submitted).toMatchObject({ status: 0, stdout: `${stage.jobs.at(-1)?.jobId}\n` });
    const set = Object.fromEntries(
      stage.jobs.at(-1)?.environment.map(({ name, value }) => [name, value]) ?? [],
    );
    expect(set).toMatchObject({
      ...{ MODEL, KEY_ATTRIBUTES: 'id', RELABEL_WHERE: 'all', RELABEL_SEGMENTS: '2' },
      ...{ RELABEL_READ_UNITS: '1000', RELABEL_WRITE_UNITS: '300' },
    });
    expect(stage.jobs.at(-1)).toMatchObject({ size: 2, jobName: expect.stringMatching(/^relabel-table-/) });
    expect(await report()).toMatchObject({ relabel: { done: 0, parts: 2, isComplete: false } });
    const second = await relabel('--batch');
    expect(second).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/Job job-\d+ \(RUNNABLE\) does this already/),
    });

    await stage.runJob([1]);
    const { relabel: so } = await report();
    expect(so).toMatchObject({ done: 1, isComplete: false, counts: { failed: 0 } });
    const next = await relabel('--batch', '--children', '1');
    expect(next.stderr).toContain(`${so.counts.examined} items are examined by an earlier job: going on.`);
    expect(next.stderr).toContain('2 parts of the table, shared by 1');
    await stage.runJob();
    await expectLabelled();
    const done = await report();
    expect(done.status).toBe('SUCCEEDED');
    expect(done.relabel).toMatchObject({
      ...{ table: stage.table, model: MODEL, where: 'all', source: 'scan', isComplete: true },
      counts: { examined: 12, stale: 11, missing: 1, chosen: 12, labelled: 12, superseded: 0, failed: 0 },
      consumed: { write: 12 },
    });
    expect(done.relabel.cost.total).toBeGreaterThan(12 * 0.625e-6);
    const said = await run('batch', ['status', stage.jobs.at(-1)?.jobId ?? '']);
    expect(said.stdout).toMatch(/parts done\s+│ 2 of 2/);

    // Once more it is another run.
    const again = await relabel('--batch');
    expect(again.stderr).not.toContain('earlier job');
    await stage.runJob();
    expect((await report()).relabel).toMatchObject({ counts: { examined: 12, current: 12, labelled: 0 } });
  }, 90_000);

  it('submits a job that reads a new export, where its role may read it', async () => {
    const before = stage.exports();
    const submitted = await relabel('--batch', '--from-export', '--children', '1');
    expect(submitted.stderr).toContain('3 parts of the table, shared by 1');
    await write([{ ...former('old-0'), text: { S: 'another text' } }]);
    await stage.runJob();
    expect(stage.exports()).toBe(before + 1);
    expect((await report()).relabel).toMatchObject({
      source: 'new export s3://labels/.parts/relabel/exports',
      isComplete: true,
      counts: { examined: 12, labelled: 11, superseded: 1 },
    });
  }, 60_000);
});
