import type { Cost } from '../costs/ingest-cost.ts';
import type { Chart } from '../report/section.ts';
import type { Latency } from './latency.ts';
import type { BatchSteps, Measures } from './outcome-log.ts';
import type { Progress, RecordProgress, Timed } from './timeline.ts';
import type { FunctionStats } from '../emulators/lambda/function-stats.ts';
import type { ModelDrift } from './verify/drift.ts';
import type { LabelCount, LabelQuality, ModelTally } from './verify/label-tally.ts';

/** What is shown of the course of an ingest, also while it runs. */
export interface IngestCourse extends Pick<Measures, 'stepMs'> {
  /** How far it was in the course of time. */
  readonly timeline: readonly Timed<Progress>[];
  /** What each step of a batch took; of many batches, every second, fourth … */
  readonly batches: readonly BatchSteps[];
  /** From the arrival of a record in the stream until its batch is done. */
  readonly latencyMs: Latency;
  readonly memoryMB: FunctionStats['memoryMB'];
}

/** What is shown of the labels that an ingest has given. */
export interface IngestLabels {
  readonly models: readonly ModelTally[];
  readonly labels: readonly LabelCount[];
  readonly quality: LabelQuality | null;
  readonly drift: readonly ModelDrift[];
}

/** The course of an ingest as pictures. */
export const courseCharts = (course: IngestCourse): readonly Chart[] => [
  ...progressCharts(course.timeline),
  ...latencyCharts(course.latencyMs),
  ...batchCharts(course),
  ...environmentCharts(course),
];

/** How far an ingest was in the course of time as pictures. */
export const progressCharts = (
  timeline: readonly (Timed<RecordProgress> & Partial<Progress>)[],
): readonly Chart[] => [
  {
    kind: 'lines',
    title: 'Records in the stream, and labelled',
    x: 'seconds',
    y: 'records',
    series: [
      { name: 'in the stream', points: timeline.map(({ seconds, produced }) => [seconds, produced]) },
      { name: 'labelled', points: timeline.map(({ seconds, done }) => [seconds, done]) },
      {
        name: 'waiting',
        points: timeline.map(({ seconds, produced, done }) => [seconds, Math.max(0, produced - done)]),
      },
    ],
  },
  ...((timeline.at(-1)?.faults ?? 0) === 0
    ? []
    : [
        {
          kind: 'lines' as const,
          title: 'Faults so far',
          x: 'seconds',
          y: 'faults',
          series: [
            { name: 'faults', points: timeline.map(({ seconds, faults = 0 }) => [seconds, faults] as const) },
          ],
        },
      ]),
  {
    kind: 'lines',
    title: 'Records labelled a second',
    x: 'seconds',
    y: 'records a second',
    series: [{ name: 'labelled a second', points: speeds(timeline) }],
  },
];

const latencyCharts = ({ quantiles }: Latency): readonly Chart[] => [
  {
    kind: 'lines',
    title: 'From the stream to the label: how many records were not slower',
    x: 'milliseconds',
    y: 'percent of the records',
    series: [
      {
        name: 'percent of the records',
        points: [
          [0, 0],
          ...quantiles.map((ms, index) => [ms, (100 * (index + 1)) / quantiles.length] as const),
        ],
      },
    ],
  },
];

/** The time of each batch as pictures. */
export const batchCharts = ({
  batches,
  stepMs,
}: Pick<IngestCourse, 'batches' | 'stepMs'>): readonly Chart[] => [
  {
    kind: 'lines',
    title: 'Time of each batch by step',
    x: 'batch',
    y: 'milliseconds',
    series: (['store', 'classify', 'decode', 'quarantine'] as const).map((step) => ({
      name: step,
      points: batches.map(({ batch, ...ms }) => [batch, ms[step]] as const),
    })),
  },
  {
    kind: 'bars',
    title: 'Time of the function by step',
    unit: 'ms',
    bars: Object.entries(stepMs).map(([name, value]) => ({ name, value })),
  },
];

const environmentCharts = ({
  timeline,
  memoryMB,
}: Pick<IngestCourse, 'timeline' | 'memoryMB'>): readonly Chart[] => [
  {
    kind: 'lines',
    title: 'Memory of the environment that was used last, at most',
    x: 'seconds',
    y: 'MB',
    series: [
      { name: 'used', points: timeline.map(({ seconds, memoryMB: used }) => [seconds, used]) },
      {
        name: 'of the function',
        points: timeline.map(({ seconds }) => [seconds, memoryMB.configured] as const),
      },
    ],
  },
  {
    kind: 'lines',
    title: 'Cold starts so far',
    x: 'seconds',
    y: 'cold starts',
    series: [
      { name: 'cold starts', points: timeline.map(({ seconds, coldStarts }) => [seconds, coldStarts]) },
    ],
  },
];

/** The labels of an ingest as pictures. */
export const labelCharts = ({ models, labels, quality, drift }: IngestLabels): readonly Chart[] => [
  ...(labels.length === 0
    ? []
    : [
        {
          kind: 'bars' as const,
          title: 'The most frequent labels',
          unit: 'items',
          bars: labels.map(({ label, items }) => ({ name: label, value: items })),
        },
      ]),
  ...models.flatMap(stageCharts),
  ...drift.flatMap(driftCharts),
  ...(quality === null ? [] : qualityCharts(quality)),
];

/** Which models of a cascade have answered, and how well. */
const stageCharts = ({ model, by = {}, accuracyBy = {} }: ModelTally): readonly Chart[] =>
  Object.keys(by).length === 0
    ? []
    : [
        {
          kind: 'bars',
          title: `Answered for ${model} by`,
          unit: 'items',
          bars: Object.entries(by).map(([stage, items]) => ({
            name:
              accuracyBy[stage] === undefined
                ? stage
                : `${stage}, ${(100 * accuracyBy[stage]).toFixed(1)} % right`,
            value: items,
          })),
        },
      ];

const driftCharts = ({ model, index, moved }: ModelDrift): readonly Chart[] =>
  index === null
    ? []
    : [
        {
          kind: 'bars',
          title: `Labels of ${model} that differ the most from its reference, which the mark shows: population stability index ${index.toFixed(2)}`,
          unit: 'percent of the items',
          bars: moved.map(({ label, share, before }) => ({
            ...{ name: label, value: percentOf(share), mark: percentOf(before) },
          })),
        },
      ];

const percentOf = (share: number): number => Math.round(share * 10_000) / 100;

/** More do not show in a picture; all are in the JSON. */
const MOST_LABELS = 100;

const qualityCharts = ({ byLabel, confusions, calibration, byThreshold }: LabelQuality): readonly Chart[] => [
  {
    kind: 'bars',
    title:
      byLabel.length > MOST_LABELS
        ? `Accuracy by the expected label, the ${MOST_LABELS} worst of ${byLabel.length.toLocaleString('en-US')}`
        : 'Accuracy by the expected label, the worst first',
    unit: 'percent',
    bars: byLabel.slice(0, MOST_LABELS).map(({ label, items, right }) => ({
      name: `${label}, of ${items.toLocaleString('en-US')}`,
      value: Math.round((1_000 * right) / items) / 10,
    })),
  },
  ...(confusions.length === 0
    ? []
    : [
        {
          kind: 'bars' as const,
          title: 'What is taken for what most often',
          unit: 'items',
          bars: confusions.map(({ expected, label, items }) => ({
            name: `${expected} taken for ${label}`,
            value: items,
          })),
        },
      ]),
  // Without a score that is a probability there is nothing to show.
  ...(calibration.bins.length === 0 ? [] : scoreCharts({ calibration, byThreshold })),
];

const scoreCharts = ({
  calibration,
  byThreshold,
}: Pick<LabelQuality, 'calibration' | 'byThreshold'>): readonly Chart[] => [
  {
    kind: 'lines',
    title: `Reliability: the expected calibration error is ${calibration.expectedError.toFixed(4)}`,
    x: 'mean score',
    y: 'accuracy',
    series: [
      {
        name: 'labels',
        points: calibration.bins.map(({ confidence, accuracy }) => [confidence, accuracy] as const),
      },
      {
        name: 'equality',
        points: [
          [0, 0],
          [1, 1],
        ],
      },
    ],
  },
  {
    kind: 'lines',
    title: 'Accuracy of the labels with the highest scores',
    x: 'percent of the items that keep their label',
    y: 'accuracy',
    yFrom: Math.min(...byThreshold.map(({ accuracy }) => accuracy)),
    series: [
      {
        name: 'accuracy',
        points: byThreshold
          .map(({ answered, accuracy }) => [percentOf(answered), accuracy] as const)
          .toSorted(([a], [b]) => a - b),
      },
    ],
  },
];

/** Stretches over which a speed is taken: shorter ones show the size of batches, not a speed. */
const STRETCHES = 40;

const speeds = (timeline: readonly Timed<RecordProgress>[]): readonly (readonly [number, number])[] => {
  const end = timeline.at(-1)?.seconds ?? 0;
  const found: [number, number][] = [];
  let last = timeline[0];
  for (const moment of timeline) {
    if (last === undefined || moment.seconds - last.seconds < end / STRETCHES) continue;
    const speed = (moment.done - last.done) / (moment.seconds - last.seconds);
    found.push([moment.seconds, Math.round(speed)]);
    last = moment;
  }
  return found;
};

/** What an ingest costs as pictures. */
export const costCharts = ({ stream, endpoint, article, ...cost }: Cost): readonly Chart[] => [
  {
    kind: 'bars',
    title: `Cost of ${cost.records.toLocaleString('en-US')} records`,
    unit: 'US dollars',
    bars: [
      { name: 'Lambda', value: cost.lambda },
      { name: 'DynamoDB writes', value: cost.dynamodbWrites },
      { name: 'change capture', value: cost.changeCapture },
      { name: 'Kinesis', value: cost.kinesis },
      { name: 'all of it', value: cost.perIngest },
      { name: 'Lambda alone, the 2019 article', value: article.lambda },
    ],
  },
  {
    kind: 'bars',
    title: 'What costs by the month, whatever goes through it',
    unit: 'US dollars',
    bars: [
      { name: 'the stream', value: stream.perMonth },
      { name: `an ${endpoint.instance} endpoint`, value: endpoint.perMonth },
    ],
  },
];
