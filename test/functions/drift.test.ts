/** How far the labels of a stream have moved from those that the model was published with. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateMessages } from '../../src/tools/ingest/input/messages.ts';
import { recordReference } from '../../src/tools/model-check/reference.ts';
import { readServerlessFile } from '../../src/tools/serverless-yml/serverless-file.ts';
import { startClassifyStream, type TestFunction } from '../support/classify-stream.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';
import { type ModelCopies, modelCopies } from '../support/model-copies.ts';
import { change, kinesisEvent } from '../support/records.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const INDEX = 'PopulationStabilityIndex';

/** The limit that docs/operations.md gives. */
const LIMIT = 0.25;

let dynamodb: TestDynamoDb;
let copies: ModelCopies;
let root: string;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
  copies = modelCopies();
  copies.add('usual');
  root = mkdtempSync(join(tmpdir(), 'labelstream-drift-'));
  symlinkSync(copies.folder, join(root, 'models'));
  const input = join(root, 'typical.jsonl');
  const typical = [...generateMessages({ seed: 7, count: 4_000 })];
  writeFileSync(input, typical.map((text) => `${JSON.stringify({ text })}\n`).join(''));
  await recordReference(root, 'usual', { input, below: 0.4 });
});
afterAll(async () => {
  await dynamodb.stop();
  copies.remove();
  rmSync(root, { recursive: true });
});
afterEach(() => jest.restoreAllMocks());

const start = (): Promise<TestFunction> =>
  startClassifyStream(dynamodb, { LABEL_STORE: 'labels-table', MODEL: 'usual', MODELS_DIR: copies.folder });

const BATCH = 1_000;

/** Sends texts in batches of 1,000, and reads the metrics that are reported meanwhile. */
const metricsOf = async (subject: TestFunction, texts: readonly string[]): Promise<readonly Metrics[]> => {
  const from = subject.log.length;
  for (let at = 0; at < texts.length; at += BATCH) {
    const records = texts
      .slice(at, at + BATCH)
      .map((text, index) => change(`m-${at + index}`, text, { table: subject.documents }));
    expect(await subject.send(kinesisEvent(records))).toEqual({ batchItemFailures: [] });
  }
  return subject.log
    .slice(from)
    .filter((line) => line.startsWith('{"_aws"'))
    .map((line) => JSON.parse(line) as Metrics);
};

/** CloudWatch's embedded metric format. */
interface Metrics extends Readonly<Record<string, unknown>> {
  readonly model?: string;
}

/** Whether the alarm of serverless.yml goes off, with `alarmDrift=0.25`, where these are the metrics of 15 minutes. */
const goesOff = async (metrics: readonly Metrics[]): Promise<boolean> => {
  const { resources } = await readServerlessFile(ROOT);
  const alarm = JSON.stringify(resources);
  expect(alarm).toContain(
    '"MetricName":"PopulationStabilityIndex","Dimensions":[{"Name":"service","Value":"${self:service}-${sls:stage}"}],' +
      '"Statistic":"Average","Period":900,"EvaluationPeriods":1,"Threshold":"${param:alarmDrift}",' +
      '"ComparisonOperator":"GreaterThanThreshold"',
  );
  const values = metrics.flatMap((one) =>
    one.model === undefined && INDEX in one ? [Number(one[INDEX])] : [],
  );
  return values.reduce((sum, value) => sum + value, 0) / values.length > LIMIT;
};

describe('the drift of a stream', () => {
  it('does not set off the alarm in 50,000 messages like those of the reference, and does in others', async () => {
    const subject = await start();
    const usual = [...generateMessages({ seed: 1, count: 50_000 })];
    const calm = await metricsOf(subject, usual);
    const indexes = calm.filter((one) => one.model === 'usual@1' && INDEX in one);
    expect(indexes.length).toBeGreaterThanOrEqual(20);
    for (const one of indexes) expect(one[INDEX]).toBeLessThan(0.15);
    expect(await goesOff(calm)).toBe(false);

    const shifted = usual.filter((text) => /refund|cash|exchange/i.test(text)).slice(0, 6_000);
    const moved = await metricsOf(subject, shifted);
    expect(await goesOff(moved)).toBe(true);
  }, 240_000);

  it('has the mean score, and the share of answers below the score of the reference, by model', async () => {
    const subject = await start();
    const texts = [...generateMessages({ seed: 2, count: 1_000 })];
    const [first] = (await metricsOf(subject, texts)).filter(({ model }) => model === 'usual@1');
    const { reference } = JSON.parse(readFileSync(join(copies.folder, 'usual', '1', 'model.json'), 'utf8'));
    expect(reference.confidence).toEqual({ mean: expect.any(Number), below: 0.4, share: expect.any(Number) });
    expect(Math.abs(Number(first?.Confidence) - reference.confidence.mean)).toBeLessThan(0.03);
    expect(Math.abs(Number(first?.LowConfidence) - 100 * reference.confidence.share)).toBeLessThan(5);
  });

  it('is not reported for a model without a reference, nor its scores for a few answers', async () => {
    copies.add('plain', { reference: undefined });
    const subject = await startClassifyStream(dynamodb, {
      ...{ LABEL_STORE: 'labels-table', MODEL: 'plain', MODELS_DIR: copies.folder },
    });
    const texts = [...generateMessages({ seed: 3, count: 3_000 })];
    const metrics = await metricsOf(subject, texts);
    expect(metrics.filter(({ model }) => model === 'plain@1')).toHaveLength(3);
    expect(metrics.filter((one) => INDEX in one)).toEqual([]);
    const few = await metricsOf(subject, ['How do I change my PIN?']);
    expect(few.filter(({ model }) => model !== undefined)).toEqual([]);
  });
});
