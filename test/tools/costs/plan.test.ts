import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { MEASURED } from '../../../src/tools/costs/measured.ts';
import { planFor } from '../../../src/tools/costs/plan.ts';
import type { PlanRequest } from '../../../src/tools/costs/request.ts';
import type { LabelStoreName } from '../../../src/stores/label-stores.ts';
import { command, execProgram } from '../../support/run-program.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelstream-plan-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const plan = (...args: string[]) => execProgram(command('plan', args, { cwd: folder }));

const request: fc.Arbitrary<PlanRequest> = fc.record({
  recordsPerSecond: fc.oneof(
    fc.double({ min: 0.001, max: 100, noNaN: true }),
    fc.double({ min: 1, max: 100_000, noNaN: true }),
  ),
  measured: fc.constantFrom(...Object.values(MEASURED.models)),
  textLength: fc.integer({ min: 1, max: 100_000 }),
  labelStore: fc.constantFrom<LabelStoreName>('partiql', 'update-item', 'labels-table'),
  memory: fc.option(fc.integer({ min: 512, max: 10_240 }), { nil: undefined }),
});

describe('a plan', () => {
  it('labels what is wanted, within the limits of Lambda', () => {
    fc.assert(
      fc.property(request, (wanted) => {
        const { settings, capacity, concurrency } = planFor(wanted);
        expect(capacity).toBeGreaterThanOrEqual(Math.floor(wanted.recordsPerSecond));
        const { memory, timeout, batchSize, window, parallelizationFactor, shards } = settings;
        for (const [value, from, to] of [
          [memory, 128, 10_240],
          [timeout, 1, 900],
          [batchSize, 1, 10_000],
          [window, 0, 300],
          [parallelizationFactor, 1, 10],
          [shards, 1, Number.MAX_SAFE_INTEGER],
        ] as const) {
          expect(Number.isInteger(value) && value >= from && value <= to).toBe(true);
        }
        expect(concurrency).toBe(shards * parallelizationFactor);
        expect(memory).toBeGreaterThanOrEqual(wanted.measured.memoryMB);
      }),
    );
  });

  it('costs no less for more records, longer texts or a slower model', () => {
    const cost = (wanted: PlanRequest) => planFor(wanted).month.total;
    fc.assert(
      fc.property(request, fc.double({ min: 1, max: 20, noNaN: true }), (wanted, more) => {
        const least = cost(wanted) * (1 - 1e-12);
        expect(cost({ ...wanted, recordsPerSecond: wanted.recordsPerSecond * more })).toBeGreaterThanOrEqual(
          least,
        );
        expect(cost({ ...wanted, textLength: Math.ceil(wanted.textLength * more) })).toBeGreaterThanOrEqual(
          least,
        );
        const slower = { ...wanted.measured, recordsPerSecond: wanted.measured.recordsPerSecond / more };
        expect(cost({ ...wanted, measured: slower })).toBeGreaterThanOrEqual(least);
      }),
    );
  });

  it('adds the month up, and takes the cheaper stream', () => {
    fc.assert(
      fc.property(request, (wanted) => {
        const { month } = planFor(wanted);
        const { total, ...parts } = month;
        expect(Object.values(parts).every((part) => part >= 0)).toBe(true);
        expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(total, 6);
      }),
    );
    const rate = (recordsPerSecond: number) =>
      planFor({
        recordsPerSecond,
        measured: MEASURED.models['banking77-tfidf'] ?? {
          recordsPerSecond: 1,
          textCharacters: 1,
          memoryMB: 1,
        },
        textLength: 60,
        labelStore: 'partiql',
      });
    // A shard-hour costs less than a stream-hour on demand, however little goes through it.
    expect(rate(1).settings).toMatchObject({
      streamMode: 'PROVISIONED',
      shards: 1,
      parallelizationFactor: 1,
    });
    // A million labels of up to 1 KB are a million write units.
    expect(rate(1).month.dynamodbWrites).toBeCloseTo(720 * 3_600 * 0.625e-6, 9);
    expect(rate(1).month.changeCapture).toBeCloseTo(2 * 720 * 3_600 * 0.1e-6, 9);
  });
});

describe('npm run plan', () => {
  it('prints settings as parameters of a deployment, and the cost of a month', async () => {
    const { stdout } = await plan('--records-per-second', '2000', '--model', 'banking77-minilm@1');
    expect(stdout).toMatch(/2,000 wanted, [\d,]+ with these settings/);
    expect(stdout).toMatch(/--param="model=banking77-minilm@1"/);
    expect(stdout).toMatch(/--param="parallelizationFactor=\d+"/);
    expect(stdout).toMatch(/label writes \$3,240\.00/);
  });

  it('says where prices are of another region than the stage, and gives its sections as JSON, too', async () => {
    const here = await plan('--records-per-second', '5', '--region', 'us-east-1');
    expect(here.stdout).not.toContain('prices and quotas there');
    const there = await plan('--records-per-second', '5', '--region', 'eu-west-1', '--json');
    expect(JSON.parse(there.stdout)).toMatchObject({
      model: 'banking77-tfidf',
      settings: expect.any(Object),
      month: expect.any(Object),
      sections: [
        { id: 'plan' },
        {
          id: 'region',
          rows: [
            { name: 'region', text: 'eu-west-1: prices and quotas there may differ from those of us-east-1' },
          ],
        },
      ],
    });
  });

  it('computes from a report of the bench where there is one', async () => {
    const file = join(folder, 'bench.json');
    const report = (recordsPerSecond: number) => ({
      sections: [
        { id: 'function', ratios: [], rows: [{ model: 'mine@3', function: recordsPerSecond }] },
        { id: 'memory', ratios: [{ name: 'mine@3', value: 2_000 }], rows: [] },
      ],
    });
    const planned = async (recordsPerSecond: number) => {
      writeFileSync(file, JSON.stringify(report(recordsPerSecond)));
      const { stdout } = await plan('--records-per-second', '100', '--report', file, '--json');
      return JSON.parse(stdout);
    };
    const slow = await planned(10);
    expect(slow.model).toBe('mine@3');
    expect(slow.settings.memory).toBeGreaterThanOrEqual(2_000);
    expect(slow.concurrency).toBeGreaterThan((await planned(10_000)).concurrency);
  });

  it.each<[string, readonly string[], RegExp]>([
    ['no door', [], /Say what the stage should do: --records-per-second, --requests/],
    [
      'a parameter that serverless.yml does not have',
      ['--requests', '1', '--param', 'htp=iam'],
      /Parameter htp is unknown: use one of alarmDrift, alarmEmail/,
    ],
    [
      'a parameter that a deployment refuses',
      ['--param', 'http=iam', '--param', 'httpConcurrency=1', '--param', 'httpOfficeHours=always'],
      /Parameter httpOfficeHours is "always"/,
    ],
    ['a parameter without a value', ['--param', 'http'], /It should be name=value/],
    ['a rate that is none', ['--records-per-second', 'many'], /a number from 0\.001 to 100000/],
    ['a rate of nothing', ['--records-per-second', ''], /a number from 0\.001/],
    ['a negative rate', ['--records-per-second', '-1'], /a number from 0\.001/],
    [
      'a model without figures',
      ['--records-per-second', '1', '--model', 'toString'],
      /No figures of model toString found\. Name one of banking77-tfidf/,
    ],
    [
      'too little memory',
      ['--records-per-second', '1', '--model', 'banking77-minilm', '--memory', '128'],
      /--memory 128 is less than the 210 MB/,
    ],
    [
      'more memory than there is',
      ['--records-per-second', '1', '--memory', '20000'],
      /whole number from 128 to 10240/,
    ],
    ['a text of no length', ['--records-per-second', '1', '--text-length', '0'], /whole number from 1/],
    [
      'an unknown store',
      ['--records-per-second', '1', '--label-store', 'redis'],
      /Allowed choices are partiql/,
    ],
    [
      'a missing report',
      ['--records-per-second', '1', '--report', 'nowhere.json'],
      /nowhere\.json cannot be read \(ENOENT\)/,
    ],
    [
      'something else than a report',
      ['--records-per-second', '1', '--report', command('plan', []).file],
      /plan\.ts is no report of npm run bench/,
    ],
  ])('refuses %s', async (_, args, message) => {
    const failed = await plan(...args).catch((error) => error);
    expect(failed.code).toBeGreaterThan(0);
    expect(failed.stderr).toMatch(message);
    expect(failed.stderr).not.toMatch(/ at .*\.ts:/);
  });
});
