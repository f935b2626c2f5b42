import { stagesOf } from '../../../models/catalogue/find-with-stages.ts';
import { transformer } from '../../../models/formats/transformer.ts';
import type { ModelFolder } from '../../../models/folder/model-folder.ts';
import type { Classifier } from '../../../tasks/model.ts';
import { labelsOf, textClassification } from '../../../tasks/text-classification.ts';
import { must } from '../../../errors.ts';
import { chunks } from '../../chunks.ts';
import { type Column, type Measurement, ratioOf, type Section } from '../../report/section.ts';
import { type BenchContext, idOf, openModel } from '../context.ts';
import type { PeerProcess } from '../peers/peer-process.ts';
import { median, perSecond, takeTurns } from '../rounds.ts';
import { type LabelledTexts, mixedLengths, sample, testTexts, trainingTexts } from '../texts.ts';
import { BATCH_SIZE, bestBudget, networkOf } from './transformer-peers.ts';

const COLUMNS: readonly Column[] = [
  { key: 'contender', head: 'contender' },
  { key: 'recordsPerSecond', head: 'records/s' },
  { key: 'perCpuSecond', head: 'records a CPU second' },
  { key: 'accuracy', head: 'accuracy', digits: 4 },
];

const ENGINES = {
  openvino: "OpenVINO, NNCF's static int8",
  ctranslate2: 'CTranslate2, int8',
} as const;

type Engine = keyof typeof ENGINES;

/** Training messages that NNCF finds ranges with. */
const CALIBRATION = 300;

/** What running texts took, in ms, and what was said of them. */
interface Ran {
  readonly ms: number;
  readonly cpuMs: number;
  readonly labels: readonly string[];
}

type Run = (texts: readonly string[]) => Promise<Ran>;

/** A model as the function opens it, and how many times as fast as each engine it should be. */
interface Ours {
  readonly id: string;
  readonly model: Classifier;
  readonly atLeast: number;
}

/**
 * A transformer, and the cascades that end in it, beside inference engines that are not ONNX Runtime. They run the
 * transformer's network, its weights read from our int8 graph, in batches of their best size: by wall time and CPU time.
 */
export const benchEngines = async (context: BenchContext): Promise<readonly Section[]> => {
  const found: Section[] = [];
  for (const model of context.models)
    if (model.manifest.format === transformer.name) found.push(...(await sectionsOf(context, model)));
  return found;
};

const sectionsOf = async (context: BenchContext, model: ModelFolder): Promise<readonly Section[]> => {
  const { texts, quick, root } = context;
  const id = idOf(model);
  const ours: readonly Ours[] = [
    { id, model: await openModel(context.built, id), atLeast: 1 },
    ...(await cascadesTo(context, id)),
  ];
  const peers = await loadEngines(context, model);
  const labelled = testTexts(root);
  const messages = sample(texts.messages, quick ? 200 : 1_000);
  const mixed = mixedLengths(sample(texts.messages, quick ? 100 : 200));
  return [
    await compare(ours, peers, {
      ...{ id: `engines-messages:${id}`, title: `${id} and other engines on messages, one thread` },
      ...{ texts: messages, labelled, rounds: quick ? 3 : 7 },
      notes: [`Texts: ${messages.length} of ${texts.source}; accuracy: of all of them.`],
    }),
    await compare(ours, peers, {
      ...{ id: `engines-mixed:${id}`, title: `${id} and other engines on mixed lengths, one thread` },
      ...{ texts: mixed, labelled: undefined, rounds: quick ? 3 : 5 },
      notes: [`Texts: ${mixed.length} of ${texts.source}, every tenth repeated to ten times its length.`],
    }),
  ];
};

/** The cascades whose last stage is a model. */
const cascadesTo = async ({ built, models }: BenchContext, id: string): Promise<readonly Ours[]> => {
  const ends = models.filter((model) => stagesOf(model).at(-1) === id);
  return Promise.all(
    ends.map(async (end) => ({ id: idOf(end), model: await openModel(built, idOf(end)), atLeast: 4 })),
  );
};

/** The engines that are available, the model in memory. */
const loadEngines = async (
  { peers, root, texts }: BenchContext,
  model: ModelFolder,
): Promise<ReadonlyMap<Engine, PeerProcess>> => {
  const calibration = sample(trainingTexts(root)?.texts ?? texts.messages, CALIBRATION);
  const loaded = new Map<Engine, PeerProcess>();
  for (const name of Object.keys(ENGINES) as Engine[]) {
    const peer = await peers.open(name);
    if (peer === undefined) continue;
    await peer.ask({ do: 'load', ...networkOf(model), calibration });
    loaded.set(name, peer);
  }
  return loaded;
};

interface Comparison extends Pick<Section, 'id' | 'title' | 'notes'> {
  readonly texts: readonly string[];
  /** To measure the accuracy with. */
  readonly labelled: LabelledTexts | undefined;
  readonly rounds: number;
}

const compare = async (
  ours: readonly Ours[],
  engines: ReadonlyMap<Engine, PeerProcess>,
  { texts, labelled, rounds, ...words }: Comparison,
): Promise<Section> => {
  const runs: Record<string, Run> = {};
  const titles: Record<string, string> = {};
  for (const { id, model } of ours) {
    runs[id] = (some) => runOurs(model, some);
    titles[id] = `${id}, batches of ${BATCH_SIZE}`;
  }
  for (const [name, peer] of engines) {
    const ask = (some: readonly string[], options: object = {}) =>
      peer.ask<Ran>({ do: 'run', texts: some, batchSize: BATCH_SIZE, ...options });
    const budget = await bestBudget(ask, texts);
    runs[name] = (some) => ask(some, { budget });
    titles[name] = `${ENGINES[name]}, at most ${budget} padded tokens a run`;
  }
  const cpuMs = new Map<string, number[]>();
  const contenders = Object.entries(runs).map(([name, run]) => {
    const measured = async (): Promise<number> => {
      const ran = await run(texts);
      cpuMs.set(name, [...(cpuMs.get(name) ?? []), ran.cpuMs]);
      return ran.ms;
    };
    return [name, measured] as const;
  });
  const times = await takeTurns<string>(Object.fromEntries(contenders), { rounds });
  const cpu = (name: string): Measurement => {
    // Without the warm-up.
    const counted = must(cpuMs.get(name), name).slice(-rounds);
    return { value: median(counted), rounds: counted };
  };
  const rows = [];
  for (const [name, run] of Object.entries(runs))
    rows.push({
      contender: must(titles[name], name),
      recordsPerSecond: perSecond(texts.length, must(times[name], name).value),
      perCpuSecond: perSecond(texts.length, cpu(name).value),
      accuracy: labelled === undefined ? null : await accuracyOf(run, labelled),
    });
  return {
    ...words,
    ratios: ours.flatMap(({ id, atLeast }) =>
      [...engines.keys()].flatMap((name) => [
        ...ratioOf(`${id} over ${ENGINES[name]}`, times[name], times[id], { atLeast }),
        ...ratioOf(`${id} over ${ENGINES[name]}, by CPU time`, cpu(name), cpu(id)),
      ]),
    ),
    columns: COLUMNS,
    rows,
  };
};

const runOurs = async (model: Classifier, texts: readonly string[]): Promise<Ran> => {
  const [from, cpuFrom] = [performance.now(), process.cpuUsage()];
  const labels: string[] = [];
  for (const batch of chunks(texts, BATCH_SIZE))
    for (const answer of await model.classify(batch))
      labels.push('error' in answer ? '' : (textClassification.labelOf(labelsOf(answer)) ?? ''));
  const { user, system } = process.cpuUsage(cpuFrom);
  return { ms: performance.now() - from, cpuMs: (user + system) / 1_000, labels };
};

const accuracyOf = async (run: Run, { texts, labels }: LabelledTexts): Promise<number> => {
  const said = await run(texts);
  return labels.filter((label, index) => said.labels[index] === label).length / labels.length;
};
