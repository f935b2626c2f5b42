/** `npm run compare -- CANDIDATE --stage NAME`: on items of a deployed stage. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { generateMessages } from '../../../src/tools/ingest/input/messages.ts';
import { command, runProgram } from '../../support/run-program.ts';
import { startStage } from '../../support/stage-ingest-world.ts';

let folder: string;
let world: Awaited<ReturnType<typeof startStage>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'labelstream-compare-stage-'));
  world = await startStage();
  world.state.isStreaming = false;
}, 60_000);
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true });
});

const compare = (...args: readonly string[]) =>
  runProgram(
    command('compare', args, {
      env: { PATH: process.env.PATH, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', ...world.env },
    }),
  );

const items = async () => {
  const found = [];
  for await (const { Items = [] } of paginateScan({ client: world.dynamodb }, { TableName: world.table }))
    found.push(...Items);
  return found.map((item) => JSON.stringify(item)).toSorted();
};

it('says that there is nothing to compare on where no item has a text', async () => {
  const { status, stderr } = await compare('banking77-cascade', '--stage', 'dev');
  expect([status, stderr]).toEqual([2, expect.stringMatching(/No item of table .* has a text/)]);
});

it('compares a candidate with the model in use on items of the table, and writes nothing', async () => {
  for (const [index, text] of [...generateMessages({ seed: 4, count: 120 })].entries())
    await world.dynamodb.send(
      new PutItemCommand({
        TableName: world.table,
        Item: {
          id: { S: `c-${index}` },
          // Some have no text, and some no text that a model takes.
          ...(index % 10 !== 0 && { text: index % 10 === 1 ? { N: '7' } : { S: text } }),
          ...(index % 2 === 0 && { intent: { S: 'age_limit' } }),
        },
      }),
    );
  const before = await items();
  const report = join(folder, 'report.json');
  const args = ['banking77-cascade', '--stage', 'dev', '--label-column', 'intent', '--report', report];
  const { status, stdout, stderr } = await compare(...args);
  expect([status, stderr]).toEqual([0, expect.anything()]);
  const found = JSON.parse(readFileSync(report, 'utf8'));
  expect(found).toMatchObject({
    ...{ texts: 96, labelled: 48 },
    models: [{ model: 'banking77-tfidf@1' }, { model: 'banking77-cascade@1' }],
  });
  expect(stdout).toContain(`96 of items of table ${world.table}, 48 of them with an expected label`);
  expect(await items()).toEqual(before);
  expect(world.state.put).toEqual([]);

  const some = await compare('banking77-cascade', '--stage', 'dev', '--items', '50', '--report', report);
  expect(some.status).toBe(0);
  expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ texts: 50, labelled: 0 });
}, 90_000);

it.each([
  ['the model in use itself', ['banking77-tfidf', '--stage', 'dev'], /Both are banking77-tfidf@1/],
  ['a stage that is not deployed', ['banking77-cascade', '--stage', 'none'], /Stack labelstream-none/],
  [
    'an attribute that no item has',
    ['banking77-cascade', '--stage', 'dev', '--label-column', 'kind'],
    /No item has a label in kind/,
  ],
])('says what to correct for %s', async (_, args, message) => {
  const { status, stderr } = await compare(...args);
  expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
});
