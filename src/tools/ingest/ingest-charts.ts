import type { Cost } from '../costs/ingest-cost.ts';
import type { Chart } from '../report/section.ts';
import type { Latency } from './latency.ts';
import type { BatchSteps, Measures } from './outcome-log.ts';
import type { Moment } from './timeline.ts';
import type { LabelCount, LabelQuality } from './verify/label-tally.ts';

/** What is shown of an ingest. */
export interface ChartedIngest extends Pick<Measures, 'stepMs'> {
  /** How far it was in the course of time. */
  readonly timeline: readonly Moment[];
  /** What each step of a batch took; of many batches, every second, fourth … */
  readonly batches: readonly BatchSteps[];
  /** From the arrival of a record in the stream until its batch is done. */
  readonly latencyMs: Latency;
  readonly labels: readonly LabelCount[];
  readonly quality: LabelQuality | null;
  /** Null where the run was too small. */
  readonly cost: Cost | null;
}

/** What a page shows of an ingest as pictures. */
export const ingestCharts = ({
  timeline,
  batches,
  latencyMs,
  stepMs,
  labels,
  quality,
  cost,
}: ChartedIngest): readonly Chart[] => [
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
  {
    kind: 'lines',
    title: 'Records labelled a second',
    x: 'seconds',
    y: 'records a second',
    series: [{ name: 'labelled a second', points: speeds(timeline) }],
  },
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
          ...latencyMs.quantiles.map(
            (ms, index) => [ms, (100 * (index + 1)) / latencyMs.quantiles.length] as const,
          ),
        ],
      },
    ],
  },
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
  ...(quality === null ? [] : qualityCharts(quality)),
  ...(cost === null ? [] : costCharts(cost)),
];

const qualityCharts = ({ byLabel, confusions, calibration }: LabelQuality): readonly Chart[] => [
  {
    kind: 'bars',
    title: 'Accuracy by the expected label, the worst first',
    unit: 'percent',
    bars: byLabel.map(({ label, items, right }) => ({
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
];

/** Stretches over which a speed is taken: shorter ones show the size of batches, not a speed. */
const STRETCHES = 40;

const speeds = (timeline: readonly Moment[]): readonly (readonly [number, number])[] => {
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

const costCharts = ({ stream, endpoint, article, ...cost }: Cost): readonly Chart[] => [
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
