import { must } from '../../../errors.ts';
import type { ModelFolder } from '../../../models/folder/model-folder.ts';
import { chunks } from '../../chunks.ts';
import { type Column, type Measurement, ratioOf, type Section } from '../../report/section.ts';
import { type BenchContext, idOf, openModel } from '../context.ts';
import { BATCH_SIZE, questionEvent } from '../events.ts';
import { withLambda } from '../lambda.ts';
import type { Paragraph } from '../../ingest/input/messages.ts';
import { type BenchParagraphs, benchParagraphs } from '../paragraphs.ts';
import { recordRuns } from '../recorded-runs.ts';
import { type Contender, perSecond, takeTurns } from '../rounds.ts';
import { sample } from '../texts.ts';

const COLUMNS: readonly Column[] = [
  { key: 'contender', head: 'contender' },
  { key: 'perSecond', head: 'questions/s', digits: 1 },
  { key: 'ours', head: 'ours over it', digits: 2 },
];

const TITLES = {
  ours: 'ours, batches of 100',
  bare: 'the bare model: the same runs, nothing else',
  one: 'ours, one question at a time',
  torch: "transformers' pipeline, PyTorch, fp32",
  js: 'transformers.js, the questions of a context at a time',
} as const;

type Name = keyof typeof TITLES;

/** Sizes of the pipeline's batches: the best one counts. */
const PIPELINE_BATCHES = [1, 8] as const;

const LIMIT_MB = 450;

/** A model that answers questions compared with its own graph and with Hugging Face's pipelines. */
export const benchQuestions = async (context: BenchContext): Promise<readonly Section[]> => {
  const texts = benchParagraphs(context.root);
  const found: Section[] = [];
  for (const model of context.models)
    found.push(await speed(context, model, texts), await memory(context, model, texts));
  return found;
};

const speed = async (
  context: BenchContext,
  model: ModelFolder,
  { source, paragraphs: all }: BenchParagraphs,
): Promise<Section> => {
  const { quick, built } = context;
  const id = idOf(model);
  const paragraphs = sample(all, quick ? 6 : 30);
  const inputs = paragraphs.flatMap(inputsOf);
  const ours = await openModel(built, id);
  const inBatches = async (): Promise<undefined> => {
    for (const batch of chunks(inputs, BATCH_SIZE)) await ours.classify(batch);
  };
  const bare = await recordRuns(inBatches);
  const times = await takeTurns<string>(
    {
      ours: inBatches,
      bare: async () => {
        await bare();
        return undefined;
      },
      one: async () => {
        for (const input of inputs) await ours.classify([input]);
        return undefined;
      },
      ...(await peersOf(context, model, paragraphs)),
    },
    { rounds: quick ? 1 : 3 },
  );
  const of = (name: Name): Measurement | undefined => times[name];
  const over = (name: Name, atLeast?: number) =>
    ratioOf(
      `ours over ${TITLES[name]}`,
      of(name),
      of('ours'),
      atLeast === undefined ? undefined : { atLeast },
    );
  return {
    id: `questions:${id}`,
    title: `${id} and its peers on questions, one thread`,
    ratios: [...over('bare', 0.9), ...over('one'), ...over('torch', 4), ...over('js', 3)],
    columns: COLUMNS,
    rows: (Object.keys(TITLES) as Name[]).flatMap((name) => {
      const ms = of(name)?.value;
      if (ms === undefined) return [];
      const ratio = ms / (of('ours')?.value ?? Number.NaN);
      return [{ contender: TITLES[name], perSecond: perSecond(inputs.length, ms), ours: ratio }];
    }),
    notes: [
      `${inputs.length} questions about ${paragraphs.length} contexts of ${source}, those of a context one after the other.`,
      'PyTorch runs the same architecture with random weights: its speed only.',
      'transformers.js truncates what is longer than the model takes, and runs ONNX Runtime with its own settings.',
    ],
  };
};

const inputsOf = ({ context, questions }: Paragraph) => questions.map((question) => ({ question, context }));

/** The rounds of the available peers, the model in memory. */
const peersOf = async (
  { peers }: BenchContext,
  { folder }: ModelFolder,
  paragraphs: readonly Paragraph[],
): Promise<Readonly<Record<string, Contender>>> => {
  const torch = await peers.open('transformers-questions');
  await torch?.ask({ do: 'open_random', folder });
  const js = await peers.open('transformers.js');
  await js?.ask({ do: 'load', folder, task: 'question-answering' });
  const inputs = paragraphs.flatMap(inputsOf);
  const pipeline = async (batchSize: number) =>
    (await torch?.ask<{ ms: number }>({ do: 'run', inputs, batchSize }))?.ms ?? Number.NaN;
  return {
    ...(torch && {
      torch: async () => {
        const times: number[] = [];
        for (const size of PIPELINE_BATCHES) times.push(await pipeline(size));
        return Math.min(...times);
      },
    }),
    ...(js && { js: async () => (await js.ask<{ ms: number }>({ do: 'answer', paragraphs })).ms }),
  };
};

/** The highest memory of a Lambda environment that answers the questions of whole batches. */
const memory = async (
  { root, built, quick }: BenchContext,
  model: ModelFolder,
  { paragraphs }: BenchParagraphs,
): Promise<Section> => {
  const id = idOf(model);
  const inputs = sample(paragraphs, BATCH_SIZE).flatMap(inputsOf).slice(0, BATCH_SIZE);
  const table = must(built.environment.DOCUMENTS_TABLE, 'DOCUMENTS_TABLE of the function');
  const event = questionEvent(table, inputs);
  const reports = await withLambda(
    root,
    built,
    id,
    async (invoke) => invoke({ records: BATCH_SIZE, invocations: quick ? 1 : 4 }),
    event,
  );
  return {
    id: `questions-memory:${id}`,
    title: `Memory of a Lambda environment that answers questions with ${id}, batches of ${BATCH_SIZE}`,
    ratios: [
      {
        name: id,
        value: Math.max(...reports.map(({ maxMemoryMB }) => maxMemoryMB)),
        unit: 'MB',
        target: { atMost: LIMIT_MB },
      },
    ],
    columns: [],
    rows: [],
    notes: [],
  };
};
