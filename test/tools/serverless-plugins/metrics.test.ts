/** What the dashboards show and the alarms watch is what the code reports. */
import { ModelError } from '../../../src/errors.ts';
import { FAN_OUT_KINDS } from '../../../src/pipeline/fan-out/fan-out-batch.ts';
import { objectTelemetry } from '../../../src/telemetry/objects.ts';
import { requestTelemetry } from '../../../src/telemetry/requests.ts';
import { answerTelemetry } from '../../../src/telemetry/answers.ts';
import { batchMeter, telemetry } from '../../../src/telemetry/telemetry.ts';
import { captureLog } from '../../support/function-in-process.ts';
import { copyService, type ServiceCopy } from '../../support/service-copy.ts';
import { type PackagedTemplate, packagedTemplates } from './packaged-templates.ts';

/** Between them, all doors and parts that have a widget or an alarm. */
const CHOICES = {
  doors: {
    http: 'iam',
    alarmDrift: '0.25',
    objects: 's3',
    fanOut: 'function',
    forwardTo: 'arn:aws:sqs:us-east-1:000000000000:labels',
  },
  jobs: { objects: 's3', batch: 'fargate', batchSubnetIds: 'subnet-1', batchSecurityGroupIds: 'sg-1' },
  plain: {},
} as const;

let service: ServiceCopy;
let templates: Readonly<Record<keyof typeof CHOICES, PackagedTemplate>>;
beforeAll(async () => {
  service = await copyService();
  await service.writeModel('demo');
  templates = await packagedTemplates(service, CHOICES);
}, 120_000);
afterAll(() => service.remove());

/** The names of all metrics that the code reports, in CloudWatch's embedded metric format. */
const reported = (): ReadonlySet<string> => {
  const lines = captureLog();
  const { meter, read } = batchMeter();
  meter.forwarded(1, 1);
  telemetry().batch([], [], read(0));
  telemetry('Changes', FAN_OUT_KINDS).batch([], [], {});
  objectTelemetry().messages([], {});
  const request = { method: 'POST', route: '/', models: [], texts: 1, ms: 1 };
  requestTelemetry().request({ ...request, status: 200 });
  const labels = { texts: 1, confidence: { mean: 1, below: 0.5, share: 0 }, labels: { a: 1 } };
  const answers = answerTelemetry();
  const model = { id: 'a@1', task: 'text-classification', attribute: 'label', reference: labels };
  answers.answered(model, new Array(1_000).fill({ labels: [{ label: 'a', score: 1 }] }));
  answers.report();
  telemetry().modelFault({ id: 'a@1', error: new ModelError('none') });
  jest.restoreAllMocks();
  const embedded = lines
    .filter((line) => line.startsWith('{"_aws"'))
    .map((line) => JSON.parse(line) as Embedded);
  return new Set(
    embedded
      .flatMap(({ _aws: { CloudWatchMetrics } }) => CloudWatchMetrics)
      .flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name)),
  );
};

/** CloudWatch's embedded metric format. */
interface Embedded {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly { readonly Metrics: readonly { readonly Name: string }[] }[];
  };
}

const OURS = 'labelstream';

/** The names of our metrics that a dashboard shows. `"."` and `"..."` stand for what the line before has; a search names one. */
const shownBy = (body: string): readonly string[] => {
  const { widgets } = JSON.parse(body) as {
    readonly widgets: readonly {
      readonly properties: { readonly metrics?: readonly (readonly unknown[])[] };
    }[];
  };
  return widgets.flatMap(({ properties: { metrics = [] } }) => {
    let [namespace, name]: readonly unknown[] = [];
    return metrics.flatMap(([given, metric]) => {
      if (isSearch(given)) return [/MetricName="(\w+)"/.exec(given.expression)?.[1] ?? given.expression];
      if (given !== '...')
        [namespace, name] = [given === '.' ? namespace : given, metric === '.' ? name : metric];
      return namespace === OURS ? [String(name)] : [];
    });
  });
};

const isSearch = (value: unknown): value is { readonly expression: string } =>
  typeof value === 'object' && value !== null && 'expression' in value;

interface Watch {
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Metrics?: readonly { readonly MetricStat?: { readonly Metric: Watch } }[];
}

const watchedBy = ({ Namespace, MetricName, Metrics = [] }: Watch): readonly string[] => [
  ...(Namespace === OURS && MetricName !== undefined ? [MetricName] : []),
  ...Metrics.flatMap(({ MetricStat }) => (MetricStat === undefined ? [] : watchedBy(MetricStat.Metric))),
];

const resourcesOf = (template: PackagedTemplate, type: string) =>
  Object.values(template.Resources).filter(({ Type }) => Type === type);

const bodyOf = (body: unknown): string =>
  typeof body === 'string' ? body : String(Object.values(body as Record<string, unknown>)[0]);

describe.each(Object.keys(CHOICES) as (keyof typeof CHOICES)[])('serverless package, %s', (choice) => {
  it('shows and watches only metrics that the code reports', () => {
    const names = reported();
    const shown = resourcesOf(templates[choice], 'AWS::CloudWatch::Dashboard').flatMap(({ Properties }) =>
      shownBy(bodyOf(Properties.DashboardBody)),
    );
    const watched = resourcesOf(templates[choice], 'AWS::CloudWatch::Alarm').flatMap(({ Properties }) =>
      watchedBy(Properties as Watch),
    );
    expect(shown).toContain('RecordsLabelled');
    expect(watched).toContain('RecordsFailed');
    expect([...shown, ...watched].filter((name) => !names.has(name))).toEqual([]);
  });
});

it('shows outcomes, answers, objects and events of all doors', () => {
  const shown = resourcesOf(templates.doors, 'AWS::CloudWatch::Dashboard').flatMap(({ Properties }) =>
    shownBy(bodyOf(Properties.DashboardBody)),
  );
  expect(shown).toEqual(
    expect.arrayContaining([
      ...['HttpTime', 'Objects', 'Forwarded', 'RecordsLabelled', 'ChangesForwarded'],
      ...['PopulationStabilityIndex', 'Confidence', 'LowConfidence'],
    ]),
  );
});

it('shows the jobs on AWS Batch that have ended', () => {
  const bodies = resourcesOf(templates.jobs, 'AWS::CloudWatch::Dashboard').map(({ Properties }) =>
    bodyOf(Properties.DashboardBody),
  );
  expect(bodies.join()).toContain('${BatchFailedRule}');
  expect(JSON.stringify(templates.doors)).not.toContain('BatchFailedRule');
});

it('has the alarm of drift only where the parameter alarmDrift is more than 0', () => {
  expect(Object.keys(templates.doors.Resources)).toContain('DriftAlarm');
  expect(templates.doors.Resources.DriftAlarm?.Properties).toMatchObject({ Threshold: '0.25' });
  expect(Object.keys(templates.plain.Resources)).not.toContain('DriftAlarm');
});
