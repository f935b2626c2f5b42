import { costOf } from '../../costs/ingest-cost.ts';
import { ARTICLE, ARTICLE_TEXT } from '../../costs/prices.ts';
import type { Cell, Ratio, Section } from '../../report/section.ts';

/** Lambda's reports for batches of one size. */
export interface Figures {
  readonly model: string;
  readonly format: string;
  readonly records: number;
  readonly initMs: number;
  readonly coldMs: number;
  readonly coldBilledMs: number;
  readonly warmMs: number;
  readonly warmBilledMs: number;
  readonly maxMemoryMB: number;
}

/** The article's: 2019, Python, scikit-learn, 192 MB. */
const ARTICLE_ROWS = [
  [1, 3_803],
  [10, 3_838],
  [100, 3_912],
] as const;
const ARTICLE_MB = 151;

/** The memory limit of a Lambda environment with a model, in MB. */
const LIMITS_MB: Readonly<Record<string, number>> = { transformer: 400, sklearn: 192, cascade: 400 };

type Row = Readonly<Record<string, Cell>>;

/** Our figures next to the article's. */
export const articleTable = (figures: readonly Figures[], memoryMB: number): Section => ({
  id: 'lambda',
  title: `The table of the 2019 article (${ARTICLE_TEXT}): 1, 10 and 100 predictions`,
  ratios: ARTICLE_ROWS.flatMap(([records, articleMs]) =>
    figures
      .filter((row) => row.records === records)
      .map((row): Ratio => ({
        name: `the article's ms over ${row.model}'s, cold start included, ${records} predictions`,
        value: articleMs / (row.initMs + row.coldMs),
      })),
  ),
  columns: [
    { key: 'system', head: '' },
    { key: 'records', head: 'predictions' },
    { key: 'runtimeMs', head: 'runtime ms' },
    { key: 'initMs', head: 'of it init ms' },
    { key: 'billedMs', head: 'billed ms' },
    { key: 'memoryMB', head: 'memory MB' },
  ],
  rows: [
    ...ARTICLE_ROWS.map(([records, ms]): Row => ({
      system: 'the 2019 article',
      records,
      runtimeMs: ms,
      initMs: null,
      billedMs: null,
      memoryMB: ARTICLE_MB,
    })),
    ...figures.flatMap((row): Row[] => [
      {
        system: `${row.model}, cold`,
        records: row.records,
        runtimeMs: row.initMs + row.coldMs,
        initMs: row.initMs,
        billedMs: row.coldBilledMs,
        memoryMB: row.maxMemoryMB,
      },
      {
        system: `${row.model}, warm`,
        records: row.records,
        runtimeMs: row.warmMs,
        initMs: 0,
        billedMs: row.warmBilledMs,
        memoryMB: row.maxMemoryMB,
      },
    ]),
  ],
  notes: [
    `Ours as the emulated Lambda reports it, ${memoryMB} MB, writes to an embedded DynamoDB included; medians.`,
  ],
});

/** The maximum memory of an environment. */
export const memory = (figures: readonly Figures[], memoryMB: number): Section => {
  const models = [...new Set(figures.map(({ model }) => model))];
  const rows = models.map((model) => {
    const own = figures.filter((row) => row.model === model);
    const maxMemoryMB = Math.max(...own.map((row) => row.maxMemoryMB));
    return { model, maxMemoryMB, limitMB: LIMITS_MB[own[0]?.format ?? ''] ?? null };
  });
  return {
    id: 'memory',
    title: 'Memory of a Lambda environment: the highest resident memory after batches of 1, 10 and 100',
    ratios: rows.map(({ model, maxMemoryMB, limitMB }) => ({
      name: model,
      value: maxMemoryMB,
      unit: 'MB',
      ...(limitMB !== null && { target: { atMost: limitMB } }),
    })),
    columns: [],
    rows: [],
    notes: [
      `The function is configured with ${memoryMB} MB, from which Node.js takes the limit of its heap.`,
    ],
  };
};

/** The ingest of the article. */
const INGEST = 50_000;
const BATCH_SIZE = 100;

/** The cost of the article's ingest at these times. */
export const cost = (figures: readonly Figures[], memoryMB: number): Section => {
  const rows = figures
    .filter(({ records }) => records === BATCH_SIZE)
    .map(({ model, warmBilledMs, coldBilledMs }) => {
      const invocations = INGEST / BATCH_SIZE;
      const billedMs = coldBilledMs + (invocations - 1) * warmBilledMs;
      const usage = { records: INGEST, invocations, billedMs, memoryMB, writes: INGEST };
      const { lambda, dynamodbWrites, changeCapture, kinesis, perIngest, ...ingests } = costOf(usage);
      const { breakEvenIngests, lambdaBreakEvenIngests } = ingests;
      const parts = { lambda, dynamodbWrites, changeCapture, kinesis, perIngest };
      return { model, ...parts, breakEvenIngests, lambdaBreakEvenIngests };
    });
  return {
    id: 'cost',
    title: `Cost of ${INGEST.toLocaleString('en-US')} records by model, in batches of ${BATCH_SIZE}, US dollars`,
    ratios: rows.map(({ model, lambda }) => ({
      name: `the article's Lambda cost over ${model}'s`,
      value: ARTICLE.lambda / lambda,
    })),
    columns: [
      { key: 'model', head: 'model' },
      { key: 'lambda', head: 'Lambda', digits: 5 },
      { key: 'dynamodbWrites', head: 'DynamoDB writes', digits: 5 },
      { key: 'changeCapture', head: 'change capture', digits: 5 },
      { key: 'kinesis', head: 'Kinesis', digits: 5 },
      { key: 'perIngest', head: 'in all', digits: 5 },
      { key: 'breakEvenIngests', head: 'ingests a month at which an endpoint costs as much' },
      { key: 'lambdaBreakEvenIngests', head: 'by Lambda alone' },
    ],
    rows: [
      ...rows,
      {
        model: 'the 2019 article',
        lambda: ARTICLE.lambda,
        dynamodbWrites: null,
        changeCapture: null,
        kinesis: null,
        perIngest: null,
        breakEvenIngests: null,
        lambdaBreakEvenIngests: ARTICLE.breakEvenIngests,
      },
    ],
    notes: [
      'Assumes that times carry over: a vCPU of Lambda (arm64, 1,769 MB) is as fast as a core here, and DynamoDB answers as the embedded one does.',
      'One cold start and 499 warm batches; prices of src/tools/costs/prices.ts, without free tiers. The endpoint is compared with Lambda, change capture and an on-demand stream.',
    ],
  };
};
