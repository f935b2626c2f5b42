import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { type CostOptions, costOf, costOfRun } from '../../../src/tools/costs/ingest-cost.ts';
import { defaultStream } from '../../../src/tools/costs/deployed-stream.ts';
import { costRows } from '../../../src/tools/ingest/report.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

const usage = { records: 100_000, invocations: 100, billedMs: 60_000, memoryMB: 1769, writes: 100_000 };

const PROVISIONED = { mode: 'PROVISIONED', shards: 2, fanOut: 'native' } as const;

const options: fc.Arbitrary<CostOptions> = fc.record({
  stream: fc.record({
    mode: fc.constantFrom('ON_DEMAND', 'PROVISIONED'),
    shards: fc.integer({ min: 1, max: 10 }),
    fanOut: fc.constantFrom('native', 'function'),
  }),
  labelStore: fc.constantFrom('partiql', 'update-item', 'labels-table'),
  textLength: fc.integer({ min: 1, max: 100_000 }),
});

describe('costOf', () => {
  it('scales to an ingest of 50,000', () => {
    const { lambda, dynamodbWrites, changeCapture, kinesis } = costOf(usage, { stream: PROVISIONED });
    // 30 s of 1,769 MB on arm64, and 50 requests.
    expect(lambda).toBeCloseTo(30 * (1769 / 1024) * 0.0000133334 + 50 * 0.2e-6, 6);
    expect(dynamodbWrites).toBeCloseTo(50_000 * 0.625e-6, 6);
    // Each item and its label.
    expect(changeCapture).toBeCloseTo(2 * 50_000 * 0.1e-6, 6);
    expect(kinesis).toBeCloseTo(2 * 50_000 * 0.014e-6, 6);
  });

  it('charges the stream by the hour: by its shards, or on demand by what goes through it, too', () => {
    expect(costOf(usage, { stream: PROVISIONED }).stream).toEqual({ ...PROVISIONED, perMonth: 21.6 });
    const onDemand = costOf(usage, { stream: { ...PROVISIONED, mode: 'ON_DEMAND' } });
    expect(onDemand.stream.perMonth).toBe(28.8);
    // A new item is a KB in the stream, the change that its label makes is two.
    expect(onDemand.kinesis).toBeCloseTo((50_000 * 3 * (0.08 + 0.04)) / 1024 ** 2, 6);
  });

  it('charges no label that does not come back, and no capture that DynamoDB does not make', () => {
    const inTable = costOf(usage, { stream: PROVISIONED, labelStore: 'labels-table' });
    expect(inTable.changeCapture).toBeCloseTo(50_000 * 0.1e-6, 6);
    expect(inTable.kinesis).toBeCloseTo(50_000 * 0.014e-6, 6);
    const byFunction = costOf(usage, { stream: { ...PROVISIONED, fanOut: 'function' } });
    expect(byFunction.changeCapture).toBe(0);
    expect(byFunction.kinesis).toBeCloseTo(50_000 * 0.014e-6, 6);
  });

  it('charges items of several KB as such', () => {
    const { dynamodbWrites, changeCapture } = costOf(usage, { stream: PROVISIONED, textLength: 2_000 });
    expect(dynamodbWrites).toBeCloseTo(3 * 50_000 * 0.625e-6, 6);
    expect(changeCapture).toBeCloseTo(3 * 2 * 50_000 * 0.1e-6, 6);
  });

  it('adds up, and breaks even where Lambda, capture and stream cost as much as the endpoint', () => {
    fc.assert(
      fc.property(options, (chosen) => {
        const cost = costOf(usage, chosen);
        const { lambda, dynamodbWrites, changeCapture, kinesis, perIngest, stream, endpoint } = cost;
        expect(perIngest).toBeCloseTo(lambda + dynamodbWrites + changeCapture + kinesis, 5);
        expect(endpoint).toEqual({ instance: 'ml.t3.medium', perMonth: 36 });
        const without = lambda + changeCapture + kinesis;
        const { breakEvenIngests, lambdaBreakEvenIngests } = cost;
        const month = (ingests: number) => stream.perMonth + ingests * without;
        if (breakEvenIngests > 0) expect(month(breakEvenIngests)).toBeLessThanOrEqual(36 * 1.001);
        expect(month(breakEvenIngests + 1)).toBeGreaterThan(36 * 0.999);
        expect(lambdaBreakEvenIngests).toBeGreaterThanOrEqual(breakEvenIngests);
        expect(lambdaBreakEvenIngests).toBeCloseTo(36 / lambda, -2);
      }),
    );
  });

  it('charges the memory that buys the core it was measured on, at least', () => {
    expect(costOf({ ...usage, memoryMB: 192 }).lambda).toBe(costOf(usage).lambda);
    expect(costOf({ ...usage, memoryMB: 3538 }).lambda).toBeGreaterThan(costOf(usage).lambda);
  });

  it('is nothing for nothing', () => {
    expect(costOf({ records: 0, invocations: 0, billedMs: 0, memoryMB: 192, writes: 0 }).perIngest).toBe(0);
  });
});

describe('the cost of a run', () => {
  it('is not told of a handful of records', () => {
    expect(costOfRun({ ...usage, records: 999 })).toBeNull();
    expect(costRows(null)).toEqual([]);
    expect(costOfRun({ ...usage, records: 1_000 })).toMatchObject({ records: 50_000 });
  });

  it('is that of the stream that serverless.yml deploys unless told otherwise', async () => {
    const yml = await readFile(join(ROOT, 'serverless.yml'), 'utf8');
    const stream = await defaultStream(ROOT);
    expect(yml).toContain(`    streamMode: ${stream.mode}\n    shards: ${stream.shards}\n`);
    expect(yml).toContain(`    fanOut: ${stream.fanOut}\n`);
  });

  it('says of everything what it is, the article included', () => {
    const rows = Object.fromEntries(costRows(costOf(usage, { stream: { ...PROVISIONED, shards: 1 } })));
    expect(rows).toEqual({
      'cost of 50,000': expect.stringMatching(
        /^Lambda \$[\d.]+, DynamoDB writes \$0\.03125,\nchange capture \$0\.01000, Kinesis \$0\.00140: \$[\d.]+$/,
      ),
      'cost of a month': '$10.80 for the stream (1 shard), whatever goes through it',
      'break-even': expect.stringMatching(
        /^[\d,]+ ingests a month cost as much as an ml\.t3\.medium endpoint \(\$36\.00 a month\),\nstream and change capture included; [\d,]+ do by Lambda alone$/,
      ),
      'the 2019 article':
        'scikit-learn in a Python Lambda, the model loaded at each invocation:\nLambda $0.00620; 8,129 ingests a month to break even ($50.40), by Lambda alone',
    });
    const many = costRows(costOf(usage, { stream: { ...PROVISIONED, shards: 4 } }));
    expect(Object.fromEntries(many)['break-even']).toMatch(
      /^none: the stream alone costs more than an ml\.t3\.medium/,
    );
  });
});
