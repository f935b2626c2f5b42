import { type BenchContext, idOf, openModel } from '../context.ts';
import { buildPredict } from '../../build/built-predict.ts';
import type { Report } from '../../emulators/lambda/report-line.ts';
import type { Ratio, Section } from '../../report/section.ts';
import { inOneEnvironment, type Invoke, withLambda } from '../lambda.ts';
import { median, takeTurns } from '../rounds.ts';
import { must } from '../../../errors.ts';

const TEXT = 'I still have not received my new card, I ordered over a week ago.';

/** What an HTTP API sends of a request for the most probable label of a text. */
const EVENT = {
  version: '2.0',
  routeKey: '$default',
  rawPath: '/',
  rawQueryString: '',
  headers: { host: 'localhost', 'content-type': 'application/json' },
  requestContext: { domainName: 'localhost', stage: '$default', http: { method: 'POST', path: '/' } },
  body: JSON.stringify({ inputs: TEXT, parameters: { top_k: 1 } }),
  isBase64Encoded: false,
};

const FUNCTIONS = ['classifyStream', 'predict'] as const;

/** The function that answers requests: its cold start beside that of the stream's, and what it adds to inference. */
export const benchPredict = async ({ root, built, models, quick }: BenchContext): Promise<Section> => {
  const predict = await buildPredict(root, built);
  const ratios: Ratio[] = [];
  const rows: Section['rows'][number][] = [];
  for (const model of models) {
    const id = idOf(model);
    const ask = asking(predict, id);
    const cold = await withLambda(root, built, id, async (invoke) =>
      inTurns({ classifyStream: invoke, predict: ask }, quick ? 3 : 11),
    );
    const [stream, http] = FUNCTIONS.map((name) => median(cold[name].map(totalOf)));
    const overhead = await overInference(ask, await inferenceOf({ built, id, quick }), quick);
    rows.push(...FUNCTIONS.map((name) => ({ model: id, function: name, ...figuresOf(cold[name]) })));
    ratios.push(
      {
        name: `${id}: cold start of predict, of that of classifyStream`,
        value: must(http, 'predict') / must(stream, 'classifyStream'),
        target: { atMost: 1 },
      },
      {
        name: `${id}: a warm request over its inference, Runtime API included`,
        value: overhead,
        unit: 'ms',
        target: { atMost: 1 },
      },
    );
  }
  return {
    id: 'predict',
    title: 'Cold start to a first answer of one text, ms',
    ratios,
    columns: [
      { key: 'model', head: 'model' },
      { key: 'function', head: 'function' },
      { key: 'init', head: 'init' },
      { key: 'first', head: 'first invocation' },
      { key: 'total', head: 'together' },
    ],
    rows,
    notes: ['Medians of cold starts in turn. classifyStream writes its label to the embedded DynamoDB.'],
  };
};

/** Invokes `predict` with a model in one new environment. */
const asking =
  ({ environment, spec }: Awaited<ReturnType<typeof buildPredict>>, model: string): Invoke =>
  async ({ invocations }) =>
    inOneEnvironment(
      { ...spec, environment: { ...environment, MODEL: model } },
      invocations,
      async (lambda) => {
        const { payload, report } = await lambda.invoke(EVENT);
        const status = (payload as { readonly statusCode?: number } | undefined)?.statusCode;
        if (status !== 200) throw new Error(`predict answered with ${status}`);
        return report;
      },
    );

type ByFunction<Value> = Readonly<Record<(typeof FUNCTIONS)[number], Value>>;

const inTurns = async (
  invoke: ByFunction<Invoke>,
  rounds: number,
): Promise<ByFunction<readonly Report[]>> => {
  const reports = { classifyStream: [] as Report[], predict: [] as Report[] };
  // The first ones find the files on the disk.
  for (let round = -1; round < rounds; round += 1) {
    for (const name of FUNCTIONS) {
      const [report] = await invoke[name]({ records: 1, invocations: 1 });
      if (round >= 0) reports[name].push(must(report, 'report'));
    }
  }
  return reports;
};

const initOf = ({ initMs }: Report): number => must(initMs, 'init of a cold start');
const totalOf = (report: Report): number => initOf(report) + report.durationMs;

const figuresOf = (reports: readonly Report[]) => ({
  init: median(reports.map(initOf)),
  first: median(reports.map(({ durationMs }) => durationMs)),
  total: median(reports.map(totalOf)),
});

const inferenceOf = async ({
  built,
  id,
  quick,
}: Pick<BenchContext, 'built' | 'quick'> & { readonly id: string }): Promise<number> => {
  const model = await openModel(built, id);
  const classify = async (): Promise<undefined> => {
    await model.classify([TEXT]);
  };
  return (await takeTurns({ classify }, { rounds: quick ? 100 : 500, warmUps: 100 })).classify.value;
};

const overInference = async (ask: Invoke, inferenceMs: number, quick: boolean): Promise<number> => {
  const reports = await ask({ records: 1, invocations: quick ? 200 : 600 });
  return median(reports.slice(100).map(({ durationMs }) => durationMs)) - inferenceMs;
};
