import { transformer, type TransformerManifest } from '../../../models/formats/transformer.ts';
import { manifestOf } from '../../../models/formats/format.ts';
import type { ModelFolder } from '../../../models/folder/model-folder.ts';
import { transformerFiles } from '../../../models/folder/transformer-files.ts';
import { transformerSettings } from '../../../models/folder/transformer-settings.ts';
import type { BenchContext } from '../context.ts';
import { takeTurns } from '../rounds.ts';

export const BATCH_SIZE = 100;

/** Padded tokens of a run that the length-sorted peer chooses from; at 0 each text runs alone. */
export const BUDGETS = [0, 128, 256, 512, 1_024, 2_048, 4_096] as const;

interface Timed {
  readonly ms: number;
}

/** Requests a round from a peer. */
export type Ask = (texts: readonly string[], options?: object) => Promise<Timed>;

export type Asks = Readonly<Partial<Record<'js' | 'python' | 'torch', Ask>>>;

/** What a peer has to know of a model to run it. */
export const networkOf = (model: ModelFolder) => {
  const { folder } = model;
  const manifest = manifestOf<TransformerManifest>(model, transformer);
  const { labels, maxLength } = transformerSettings(folder, manifest);
  const { graph } = transformerFiles(folder, manifest, process.arch);
  return { folder, graph, maxLength, labels };
};

/** The rounds of the available peers, the model in memory. */
export const loadPeers = async ({ peers }: BenchContext, model: ModelFolder): Promise<Asks> => {
  const { folder, graph, maxLength, labels } = networkOf(model);
  const load = async (name: 'transformers.js' | 'python-onnx' | 'python-torch', what: object) => {
    const peer = await peers.open(name);
    if (peer === undefined) return undefined;
    await peer.ask({ do: 'load', folder, ...what });
    return (texts: readonly string[], options: object = {}) =>
      peer.ask<Timed>({ do: 'run', texts, batchSize: BATCH_SIZE, ...options });
  };
  const loaded = {
    js: await load('transformers.js', {}),
    python: await load('python-onnx', { graph, maxLength, labels }),
    torch: await load('python-torch', { labels }),
  };
  return Object.fromEntries(Object.entries(loaded).filter(([, ask]) => ask !== undefined));
};

/** The budget at which the length-sorted peer is fastest, each tried twice. */
export const bestBudget = async (python: Ask, texts: readonly string[]): Promise<number> => {
  const contenders = Object.fromEntries(
    BUDGETS.map((budget) => [String(budget), async () => (await python(texts, { budget })).ms]),
  );
  const times = await takeTurns(contenders, { rounds: 1, warmUps: 1 });
  const [best] = Object.entries(times).sort(([, a], [, b]) => a.value - b.value);
  return Number(best?.[0] ?? 256);
};
