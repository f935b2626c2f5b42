import type { ModelFolder } from '../../../models/folder/model-folder.ts';
import type { Classifier } from '../../../tasks/model.ts';
import { type BenchContext, idOf, openModel } from '../context.ts';
import { type Column, ratioOf, type Section, type Target } from '../../report/section.ts';
import { recordRuns } from '../recorded-runs.ts';
import { type Contender, perSecond, takeTurns } from '../rounds.ts';
import { mixedLengths, sample } from '../texts.ts';
import { type Ask, type Asks, BATCH_SIZE, bestBudget, BUDGETS, loadPeers } from './transformer-peers.ts';
import { chunks } from '../../chunks.ts';

const COLUMNS: readonly Column[] = [
  { key: 'contender', head: 'contender' },
  { key: 'recordsPerSecond', head: 'records/s' },
  { key: 'ours', head: 'ours over it', digits: 2 },
];

const TITLES = {
  ours: 'ours, batches of 100',
  bare: 'the bare model: the same runs, nothing else',
  one: 'ours, one text at a time',
  js: 'transformers.js, batches of 100',
  naive: 'Python onnxruntime + Rust tokenizers, batches of 100',
  sorted: 'the same, sorted by length',
  torch: 'transformers + torch, fp32, batches of 100',
} as const;

type Name = keyof typeof TITLES;

/** The limits for the ratio of our figure to each contender's. */
type Targets = Readonly<Partial<Record<Name, Target>>>;

/** A transformer compared with its own graph and other implementations, on messages and on mixed lengths. */
export const benchTransformer = async (
  context: BenchContext,
  model: ModelFolder,
): Promise<readonly Section[]> => {
  const ours = await openModel(context.built, idOf(model));
  const peers = await loadPeers(context, model);
  const { texts, quick } = context;
  const messages = sample(texts.messages, quick ? 200 : 1_000);
  const mixed = mixedLengths(sample(texts.messages, quick ? 100 : 200));
  const id = idOf(model);
  return [
    await compare(ours, peers, {
      id: `transformer-messages:${id}`,
      title: `${id} and its peers on messages, one thread`,
      texts: messages,
      rounds: quick ? 3 : 5,
      targets: {
        bare: { atLeast: 0.95 },
        one: { atLeast: 1 },
        js: { atLeast: 3 },
        sorted: { atLeast: 1 },
      },
      notes: [`Texts: ${messages.length} of ${texts.source}.`],
    }),
    await compare(ours, peers, {
      id: `transformer-mixed:${id}`,
      title: `${id} and its peers on mixed lengths, one thread`,
      texts: mixed,
      rounds: 3,
      targets: {
        bare: { atLeast: 0.95 },
        one: { atLeast: 1 },
        js: { atLeast: 15 },
        sorted: { atLeast: 1 },
      },
      notes: [`Texts: ${mixed.length} of ${texts.source}, every tenth repeated to ten times its length.`],
    }),
  ];
};

interface Comparison {
  readonly id: string;
  readonly title: string;
  readonly texts: readonly string[];
  readonly rounds: number;
  readonly targets: Targets;
  readonly notes: readonly string[];
}

const compare = async (
  ours: Classifier,
  { js, python, torch }: Asks,
  { id, title, texts, rounds, targets, notes }: Comparison,
): Promise<Section> => {
  const batches = chunks(texts, BATCH_SIZE);
  const inBatches = async (): Promise<undefined> => {
    for (const batch of batches) await ours.classify(batch);
  };
  const bare = await recordRuns(inBatches);
  const budget = python && (await bestBudget(python, texts));
  const measured =
    (ask: Ask, options?: object): Contender =>
    async () =>
      (await ask(texts, options)).ms;
  const contenders: Partial<Record<Name, Contender>> = {
    ours: inBatches,
    bare: async () => {
      await bare();
      return undefined;
    },
    one: async () => {
      for (const text of texts) await ours.classify([text]);
      return undefined;
    },
    ...(js && { js: measured(js) }),
    ...(python && { naive: measured(python), sorted: measured(python, { budget }) }),
    ...(torch && { torch: measured(torch) }),
  };
  const times = await takeTurns(contenders as Record<Name, Contender>, { rounds });
  const names = Object.keys(times) as Name[];
  const titleOf = (name: Name): string =>
    name === 'sorted' ? `${TITLES.sorted}, at most ${budget} padded tokens a run` : TITLES[name];
  return {
    id,
    title,
    ratios: names
      .filter((name) => name !== 'ours')
      .flatMap((name) => ratioOf(`ours over ${titleOf(name)}`, times[name], times.ours, targets[name])),
    columns: COLUMNS,
    rows: names.map((name) => ({
      contender: titleOf(name),
      recordsPerSecond: perSecond(texts.length, times[name].value),
      ours: times[name].value / times.ours.value,
    })),
    notes: [
      ...notes,
      ...(python ? [`Python's budget is the fastest of ${BUDGETS.join(', ')} on these texts.`] : []),
      ...(torch ? ['torch runs the base weights of MiniLM with a random head: its speed only.'] : []),
      'The peers run ONNX Runtime with its own settings, without session.x64quantprecision.',
    ],
  };
};
