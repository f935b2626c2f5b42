import type { Inspection } from './disturbance.ts';
import type { Cost } from '../costs/ingest-cost.ts';
import type { FunctionStats } from '../emulators/lambda/function-stats.ts';
import type { ModelTally } from './verify/label-tally.ts';
import type { Measures } from './outcome-log.ts';
import { OUTCOME_KINDS, type OutcomeKind, type Tally } from '../../pipeline/outcome.ts';
import { type Fact, factsSection, type Section } from '../report/section.ts';
import { ARTICLE_TEXT } from '../costs/prices.ts';
import { type RejectCounts, rejectsText } from './verify/rejects.ts';
import type { Confidence } from '../../tasks/reference.ts';
import { costCharts, courseCharts, type IngestCourse, labelCharts } from './ingest-charts.ts';
import type { ModelDrift } from './verify/drift.ts';
import type { Verification } from './verify/verify.ts';

/** The faults of an ingest with `--chaos`, and their cost. */
export interface ChaosReport extends Omit<Inspection, 'resurrected'> {
  /** By kind; `killed` are environments in the middle of an invocation. */
  readonly faults: Readonly<Record<string, number>>;
  /** The usage of the same history, relative to its undisturbed usage. */
  readonly ratios: { readonly invocations: number; readonly inferences: number; readonly writes: number };
}

/** The usage of an ingest, and the state of the table after it. Times in ms unless noted, memory in MB. */
export interface IngestReport extends Verification, Measures, IngestCourse {
  readonly records: number;
  /** Items that were deleted, but exist. */
  readonly resurrected: number;
  /** Outcomes count deliveries: what a partial failure or a dead environment delivers again counts again. */
  readonly labelled: number;
  readonly unchanged: number;
  readonly superseded: number;
  readonly skipped: number;
  readonly rejected: number;
  readonly cleared: number;
  /** Records of discarded batches that were put into the stream again at the end. */
  readonly redriven: number;
  /** From the first write to the last label. */
  readonly seconds: number;
  readonly recordsPerSecond: number;
  readonly invocations: number;
  readonly batchSize: number;
  readonly shards: number;
  /** Batches of a shard in work at a time. */
  readonly concurrency: number;
  readonly coldStarts: number;
  readonly initMs: FunctionStats['initMs'];
  readonly durationMs: FunctionStats['durationMs'];
  readonly billedMs: number;
  readonly memoryMB: FunctionStats['memoryMB'];
  /** The default models, `name@version`. */
  readonly model: string;
  /** Of the first of them; null where the input has no expected labels. */
  readonly accuracy: number | null;
  /** The number of items for the accuracy: labelled ones with an expected label. */
  readonly accuracyItems: number;
  /** Records that could not be labelled and were put aside, by reason. */
  readonly rejects: RejectCounts;
  /** Null on a quiet day. */
  readonly chaos: ChaosReport | null;
  /** Null where the run was too small. */
  readonly cost: Cost | null;
}

/** What can be told of an ingest that has not ended. */
export interface IngestSoFar extends Tally, Measures, IngestCourse, Pick<FunctionStats, FunctionFigure> {
  /** That are to be ingested. */
  readonly records: number;
  readonly seconds: number;
}

type FunctionFigure = 'invocations' | 'coldStarts' | 'initMs' | 'durationMs' | 'billedMs';

const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 2 });
const dollars = (amount: number): string => `$${amount < 0.1 ? amount.toFixed(5) : amount.toFixed(2)}`;

const chaosRows = (chaos: ChaosReport | null): Fact[] => {
  if (chaos === null) return [];
  const { faults, ratios, poison, rejects, strays } = chaos;
  const each = (values: object, show: (value: number) => string): string =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${show(value)}`)
      .join(', ');
  return [
    ['faults', each(faults, (value) => number.format(value))],
    [
      'poison',
      `${number.format(poison)}, among the rejects ${number.format(rejects)}; other rejects ${strays}`,
    ],
    ['to a quiet day', each(ratios, (value) => `× ${value.toFixed(3)}`)],
  ];
};

export const count = (value: number): string => number.format(value);

export const timeRow = ({
  seconds,
  recordsPerSecond,
}: Pick<IngestReport, 'seconds' | 'recordsPerSecond'>): Fact => [
  'time',
  `${count(seconds)} s, ${count(Math.round(recordsPerSecond))} records/s`,
];

const latencyRow = ({ latencyMs: { p50, p95, p99, max } }: Pick<IngestReport, 'latencyMs'>): Fact => [
  'stream to label',
  `p50 ${count(p50)} ms, p95 ${count(p95)} ms, p99 ${count(p99)} ms, max ${count(max)} ms`,
];

export const outcomeRow = (outcomes: Pick<IngestReport, Exclude<OutcomeKind, 'failed'>>): Fact => [
  'outcomes',
  OUTCOME_KINDS.filter((kind) => kind !== 'failed')
    // Shown only where it occurs: in few tables items lose their text.
    .filter((kind) => kind !== 'cleared' || outcomes[kind] > 0)
    .map((kind) => `${kind} ${count(outcomes[kind])}`)
    .join(', '),
];

/** The function's own metrics. */
export const functionRows = ({
  durationMs,
  initMs,
  memoryMB,
  ...run
}: Pick<IngestReport, 'durationMs' | 'initMs' | 'memoryMB' | 'coldStarts' | 'billedMs'> &
  Measures): Fact[] => [
  [
    'duration',
    `p50 ${count(durationMs.p50)} ms, p95 ${count(durationMs.p95)} ms, max ${count(durationMs.max)} ms`,
  ],
  [
    'inferences',
    `${count(run.inferences)}; write retries ${count(run.writeRetries)}, iterator age at most ${count(run.iteratorAgeMs)} ms`,
  ],
  [
    'steps',
    Object.entries(run.stepMs)
      .map(([step, ms]) => `${step} ${count(ms)} ms`)
      .join(', '),
  ],
  ['cold starts', `${run.coldStarts}, init p50 ${count(initMs.p50)} ms, max ${count(initMs.max)} ms`],
  [
    'billed',
    `${count(run.billedMs)} ms at ${memoryMB.configured} MB; used at most ${count(memoryMB.maxUsed)} MB`,
  ],
];

/** The accuracy of a model, and the number of items it is based on. */
export const accuracyOf = (
  models: readonly ModelTally[],
  id: string | undefined,
): Pick<IngestReport, 'accuracy' | 'accuracyItems'> => {
  const tally = models.find(({ model }) => model === id);
  return { accuracy: tally?.accuracy ?? null, accuracyItems: tally?.expected ?? 0 };
};

const accuracyText = (accuracy: number, items: number): string =>
  `, accuracy ${percent.format(accuracy)} of ${count(items)} item${items === 1 ? '' : 's'}`;

/** The number of labels by model, where several models answered. */
const tallyRows = (models: readonly ModelTally[]): Fact[] => {
  if (models.length < 2 && models.every(({ by }) => by === undefined)) return [];
  const lines = models.map(({ model, items, accuracy, expected = 0, by = {} }) => {
    const right = accuracy === undefined ? '' : accuracyText(accuracy, expected);
    const stages = Object.entries(by).map(([stage, answers]) => `\n  by ${stage} ${number.format(answers)}`);
    return `${model} ${number.format(items)}${right}${stages.join('')}`;
  });
  return [['labels by model', lines.join('\n')]];
};

export const modelRows = ({
  model,
  models,
  accuracy,
  accuracyItems,
  labels,
}: Pick<IngestReport, 'model' | 'models' | 'accuracy' | 'accuracyItems' | 'labels'>): Fact[] => [
  ['model', model + (accuracy === null ? '' : accuracyText(accuracy, accuracyItems))],
  ...tallyRows(models),
  // Answers to questions are not counted one by one.
  ...(labels.length === 0
    ? []
    : [['labels', labels.map(({ label, items }) => `${label} ${count(items)}`).join('\n')] satisfies Fact]),
];

/** How confident models are, and how far their labels have moved from those of their reference. */
export const driftRows = (drift: readonly ModelDrift[]): Fact[] =>
  drift.flatMap(({ model, confidence, reference, index }) => {
    const before = reference?.confidence;
    const asBefore = (show: (of: Confidence) => string): string =>
      before === undefined ? '' : ` (reference: ${show(before)})`;
    const mean = (of: Confidence): string => of.mean.toFixed(3);
    const share = (of: Confidence): string => percent.format(of.share);
    const parts = [
      ...(index === null ? [] : [`population stability index ${index.toFixed(2)}`]),
      ...(confidence === undefined
        ? []
        : [
            `mean score ${mean(confidence)}${asBefore(mean)}`,
            `${share(confidence)} below ${confidence.below}${asBefore(share)}`,
          ]),
    ];
    if (parts.length === 0) return [];
    return [['drift', [...(drift.length > 1 ? [model] : []), ...parts].join(',\n')] satisfies Fact];
  });

const streamText = ({ mode, shards, perMonth }: Cost['stream']): string => {
  const what = mode === 'ON_DEMAND' ? 'on demand' : `${count(shards)} shard${shards === 1 ? '' : 's'}`;
  return `${dollars(perMonth)} for the stream (${what}), whatever goes through it`;
};

const breakEvenText = ({ endpoint, stream, ...cost }: Cost): string => {
  const { instance, perMonth } = endpoint;
  if (stream.perMonth >= perMonth)
    return `none: the stream alone costs more than an ${instance} endpoint (${dollars(perMonth)} a month)`;
  const [all, lambda] = [count(cost.breakEvenIngests), count(cost.lambdaBreakEvenIngests)];
  return (
    `${all} ingests a month cost as much as an ${instance} endpoint (${dollars(perMonth)} a month),\n` +
    `stream and change capture included; ${lambda} do by Lambda alone`
  );
};

/** Empty where there is nothing to report. */
export const costRows = (cost: Cost | null): Fact[] =>
  cost === null
    ? []
    : [
        [
          `cost of ${count(cost.records)}`,
          `Lambda ${dollars(cost.lambda)}, DynamoDB writes ${dollars(cost.dynamodbWrites)},\n` +
            `change capture ${dollars(cost.changeCapture)}, Kinesis ${dollars(cost.kinesis)}: ${dollars(cost.perIngest)}`,
        ],
        ['cost of a month', streamText(cost.stream)],
        ['break-even', breakEvenText(cost)],
        [
          'the 2019 article',
          `${ARTICLE_TEXT}:\nLambda ${dollars(cost.article.lambda)}; ` +
            `${count(cost.article.breakEvenIngests)} ingests a month to break even (${dollars(cost.article.endpointPerMonth)}), by Lambda alone`,
        ],
      ];

export const rejectRows = (rejects: RejectCounts): Fact[] =>
  Object.keys(rejects).length === 0 ? [] : [['rejects', rejectsText(rejects)]];

/** The report in words. @param source where the messages come from */
export const ingestSection = (report: IngestReport, source: readonly Fact[] = []): Section => ({
  ...factsSection('ingest', `An ingest of ${count(report.records)} records`, [
    ...source,
    ['records', `${count(report.records)} (items: ${count(report.items)})`],
    outcomeRow(report),
    ...rejectRows(report.rejects),
    [
      'lost, wrong',
      (['lost', 'wrong', 'resurrected'] as const).map((kind) => `${kind} ${count(report[kind])}`).join(', '),
    ],
    ...(report.redriven > 0
      ? [['redriven', `${count(report.redriven)} records of batches given up`] satisfies Fact]
      : []),
    ...chaosRows(report.chaos),
    timeRow(report),
    latencyRow(report),
    [
      'invocations',
      `${count(report.invocations)} of up to ${count(report.batchSize)} records; ` +
        `shards ${report.shards}, batches at a time per shard ${report.concurrency}`,
    ],
    ...functionRows(report),
    ...modelRows(report),
    ...driftRows(report.drift),
    ...costRows(report.cost),
  ]),
  charts: [
    ...courseCharts(report),
    ...labelCharts(report),
    ...(report.cost === null ? [] : costCharts(report.cost)),
  ],
});

/** What a reader of an ingest that has not ended should know. @param state `under way`, `interrupted` */
export const unfinishedNote = (state: string): string =>
  `The ingest is ${state}: these are the figures until now. Labels are checked at its end.`;

/** The same of one that has not ended. @param state `under way`, `interrupted` */
export const unfinishedSection = (soFar: IngestSoFar, state: string): Section => {
  const { produced = 0, done = 0 } = soFar.timeline.at(-1) ?? {};
  return {
    ...factsSection('ingest', `An ingest of ${count(soFar.records)} records, ${state}`, [
      ['records', `${count(produced)} in the stream, ${count(done)} labelled or put aside`],
      outcomeRow(soFar),
      timeRow({ seconds: soFar.seconds, recordsPerSecond: done / soFar.seconds }),
      latencyRow(soFar),
      ['invocations', count(soFar.invocations)],
      ...functionRows(soFar),
    ]),
    charts: courseCharts(soFar),
    notes: [unfinishedNote(state)],
  };
};
