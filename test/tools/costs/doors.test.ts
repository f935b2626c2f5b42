import { join } from 'node:path';
import fc from 'fast-check';
import { must } from '../../../src/errors.ts';
import { doorsOf, type DoorsRequest } from '../../../src/tools/costs/doors/doors.ts';
import { MEASURED } from '../../../src/tools/costs/measured.ts';
import { type Parameters, stageParameters } from '../../../src/tools/costs/stage-parameters.ts';
import { officeHoursPerWeek } from '../../../src/tools/serverless-plugins/parameters/http.ts';
import { FORWARD_KINDS } from '../../../src/streams/forward/target.ts';
import { NETWORK } from '../../support/batch-parameters.ts';
import { command, execProgram } from '../../support/run-program.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

const given = (parameters: Readonly<Record<string, string>>): string[] =>
  Object.entries(parameters).flatMap(([name, value]) => ['--param', `${name}=${value}`]);

interface Row {
  readonly to: string;
  readonly place: string;
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly rows: readonly Row[];
}

/** The report as JSON: values and sections by id. */
const planned = async (...args: string[]) => {
  const { stdout } = await execProgram(command('plan', [...args, '--region', 'us-east-1', '--json']));
  const values = JSON.parse(stdout);
  const sections: readonly Section[] = values.sections;
  const section = (id: string) =>
    must(
      sections.find((one) => one.id === id),
      id,
    );
  return { values, ids: sections.map(({ id }) => id), section };
};

describe('npm run plan, for the other doors', () => {
  it('has the sections that are asked for, and no other', async () => {
    expect((await planned('--requests', '1000')).ids).toEqual(['http']);
    expect((await planned('--lines', '1000', '--job-lines', '1000')).ids).toEqual(['objects', 'jobs']);
    expect((await planned('--relabel-items', '1000')).ids).toEqual(['relabel']);
    expect((await planned('--records-per-second', '1', '--forward', '--models')).ids).toEqual([
      ...['plan', 'forward', 'models'],
    ]);
  });

  it("has those of the doors that the stage's parameters turn on", async () => {
    const doors = { http: 'iam', objects: 's3', batch: 'fargate', ...NETWORK };
    const forwardTo = 'arn:aws:sqs:us-east-1:123456789012:labels';
    const { ids, section } = await planned(...given({ ...doors, forwardTo, models: 's3' }));
    expect(ids).toEqual(['http', 'objects', 'jobs', 'forward', 'models']);
    expect(section('http').title).toContain('1,000,000 requests a month');
    expect(section('forward').rows).toContainEqual(expect.objectContaining({ to: 'sqs (forwardTo)' }));
  });

  it('prices requests over both endpoints, with what is kept for them', async () => {
    const { values } = await planned('--requests', '1000000');
    const { api, url } = values.http;
    // A million requests of 2 ms at 1,769 MB: 3,455 GB-seconds.
    expect(api).toMatchObject({ endpoint: 1, logs: 0.75, kept: 0, pings: 0 });
    expect(api.lambdaRequests).toBeCloseTo(0.2, 9);
    expect(api.lambdaTime).toBeCloseTo(0.0465, 3);
    expect(url).toMatchObject({ endpoint: 0, logs: 0.6 });
    const always = { http: 'iam', httpConcurrency: '1' };
    const kept = (await planned(...given(always))).values.http.api.kept;
    expect(kept).toBeCloseTo((1769 / 1024) * 720 * 3600 * 0.0000033334, 6);
    const hours = { ...always, httpOfficeHours: 'MON-FRI 08:00-18:00 Europe/Berlin' };
    expect((await planned(...given(hours))).values.http.api.kept / kept).toBeCloseTo(50 / 168, 6);
    const pings = (await planned(...given({ http: 'iam', httpPing: '5' }))).values.http.url.pings;
    expect(pings).toBeGreaterThan(0);
    expect(pings).toBeLessThan(0.01);
  });

  it('prices files by their shards, and says from how many lines a job is cheaper', async () => {
    const lines = ['--lines', '1000000', '--model', 'banking77-minilm'];
    const { objects: small } = (await planned(...lines, '--objects', '1000')).values;
    // A million lines of MiniLM are 909 seconds of a vCPU.
    expect(small.lambdaTime).toBeCloseTo((1e6 / 1100 + 10) * (1769 / 1024) * 0.0000133334, 6);
    expect(small.events).toBeCloseTo(0.001, 9);
    expect(small.s3).toBeCloseTo(1000 * (2 * 5e-6 + 6 * 0.4e-6), 9);
    const { objects: large } = (await planned(...lines, '--objects', '1')).values;
    expect(large.s3).toBeCloseTo(13 * (8 * 5e-6 + 11 * 0.4e-6), 9);
    const { jobs } = (await planned('--job-lines', '100000000', '--model', 'banking77-minilm')).values;
    expect(jobs.spot.to).toBeCloseTo(jobs.onDemand / 2, 9);
    expect(jobs.byFunction).toBeGreaterThan(jobs.onDemand);
    expect(jobs.cheaperFrom.spot).toBeLessThan(jobs.cheaperFrom.onDemand);
  });

  it('prices one relabelling by a scan and by an export', async () => {
    const { scan, export: exported } = (await planned('--relabel-items', '1000000', '--item-bytes', '4096'))
      .values.relabel;
    // Half a read unit for 4 KB; a label makes an item of 4 KB one of 5.
    expect(scan.reads).toBeCloseTo(0.0625, 9);
    expect(scan.writes).toBeCloseTo(5 * 0.625, 9);
    expect(scan.changeCapture).toBeCloseTo(0.1, 9);
    expect(exported.reads).toBeCloseTo(0.4096, 9);
    expect(exported.writes).toBe(scan.writes);
    const elsewhere = ['--relabel-items', '1000000', '--item-bytes', '4096', '--label-store', 'labels-table'];
    expect((await planned(...elsewhere)).values.relabel.scan).toMatchObject({
      writes: 0.625,
      changeCapture: 0,
    });
  });

  it('compares all destinations of labels, and all places of models', async () => {
    const { section } = await planned('--records-per-second', '1', '--forward', '--models');
    expect(section('forward').rows.map(({ to }) => to)).toEqual([...FORWARD_KINDS]);
    const [bus] = section('forward').rows;
    expect(bus).toMatchObject({ million: 1, month: 720 * 3600 * 1e-6 });
    expect(section('models').rows.map(({ place }) => place)).toEqual([
      ...['a layer (models)', 'S3', 'EFS', 'the container image'],
    ]);
  });
});

describe('a door', () => {
  let parameters: Parameters;
  beforeAll(async () => {
    parameters = await stageParameters(ROOT, 'dev', {});
  });

  const numbers = (value: unknown): number[] =>
    typeof value === 'number'
      ? [value]
      : value === null
        ? []
        : Object.values(value as object).flatMap(numbers);

  it('costs no less for more, and its parts are its total', () => {
    const amount = fc.integer({ min: 1, max: 1_000_000_000 });
    const request = fc.record({
      requests: amount,
      texts: fc.integer({ min: 1, max: 1_000 }),
      lines: amount,
      objects: fc.integer({ min: 1, max: 1_000 }),
      jobLines: amount,
      relabelItems: amount,
    });
    const measured = fc.constantFrom(...Object.values(MEASURED.models));
    const valuesOf = (wanted: DoorsRequest['wanted'], model: (typeof MEASURED.models)[string]) =>
      Object.assign(
        {},
        ...doorsOf({
          ...{ wanted, parameters, model: 'm', measured: model, textLength: 60, labelStore: 'partiql' },
        }).map(({ values }) => values),
      );
    fc.assert(
      fc.property(request, measured, fc.integer({ min: 1, max: 20 }), (wanted, model, times) => {
        const values = valuesOf(wanted, model);
        for (const month of [
          values.http.api,
          values.http.url,
          values.objects,
          ...Object.values(values.relabel),
        ]) {
          const { total, ...parts } = month;
          expect(numbers(parts).every((part) => part >= 0)).toBe(true);
          expect(numbers(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(total, 6);
        }
        const { requests, lines, jobLines, relabelItems } = wanted;
        const more = valuesOf(
          {
            ...wanted,
            ...{ requests: requests * times, lines: lines * times },
            ...{ jobLines: jobLines * times, relabelItems: relabelItems * times },
          },
          model,
        );
        const least = 1 - 1e-12;
        expect(more.http.api.total).toBeGreaterThanOrEqual(values.http.api.total * least);
        expect(more.objects.total).toBeGreaterThanOrEqual(values.objects.total * least);
        expect(more.jobs.onDemand).toBeGreaterThanOrEqual(values.jobs.onDemand * least);
        expect(more.relabel.scan.total).toBeGreaterThanOrEqual(values.relabel.scan.total * least);
      }),
    );
  });
});

describe('office hours', () => {
  it.each([
    ['MON-FRI 08:00-18:00 Europe/Berlin', 50],
    ['MON,WED 09:30-10:00 UTC', 1],
    ['SAT-MON 00:00-12:00 UTC', 36],
    ['always', undefined],
  ])('%s: %p hours a week', (written, hours) => {
    expect(officeHoursPerWeek(written)).toBe(hours);
  });
});
