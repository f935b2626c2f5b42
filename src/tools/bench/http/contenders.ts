import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestOf } from '../../../models/formats/format.ts';
import { sklearn, type SklearnManifest } from '../../../models/formats/sklearn.ts';
import { transformer, type TransformerManifest } from '../../../models/formats/transformer.ts';
import type { ModelFolder } from '../../../models/folder/model-folder.ts';
import { transformerFiles } from '../../../models/folder/transformer-files.ts';
import { transformerSettings } from '../../../models/folder/transformer-settings.ts';
import { TOKENIZER_FILE } from '../../../models/folder/folder-format.ts';
import { joinModels } from '../../build/onnx-join.ts';
import { type BenchContext, idOf } from '../context.ts';
import { installNodePeers, installPythonPeers } from '../peers/install.ts';
import { type Host, startHost } from './host.ts';

/** `loop`: the answer is computed on the event loop; `pool`: on FastAPI's pool of threads. */
export type Handler = 'loop' | 'pool';

/** `npm run serve` with a model. */
export const startOurs = (
  { root, built }: BenchContext,
  model: ModelFolder,
  threads: number,
): Promise<Host> =>
  startHost(
    process.execPath,
    (port) => [
      join(root, 'src', 'tools', 'commands', 'serve.ts'),
      ...['--port', String(port), '--model', idOf(model), '--threads', String(threads)],
    ],
    { MODELS_DIR: built.environment.MODELS_DIR },
  );

/** FastAPI with the model's graph. @throws Error where it cannot be installed, or the model is none for it */
export const startFastApi = async (
  { root }: BenchContext,
  model: ModelFolder,
  handler: Handler,
): Promise<Host> => {
  const python = await installPythonPeers(root, 'http');
  const settings = JSON.stringify({ ...(await graphOf(root, model)), handler });
  const script = join(root, 'test', 'peers', 'python', 'http_peer.py');
  return startHost(python, (port) => [script, String(port), settings]);
};

/** transformers.js behind Hono. @throws Error where it cannot be installed */
export const startTransformersJs = async ({ root }: BenchContext, { folder }: ModelFolder): Promise<Host> => {
  const script = join(await installNodePeers(root), 'transformers-js-http.mjs');
  return startHost(process.execPath, (port) => [script, String(port), folder]);
};

/** What http_peer.py takes: the same graph as ours, and what it needs around it. */
const graphOf = async (root: string, model: ModelFolder): Promise<object> => {
  const { folder, manifest: any } = model;
  if (any.format === transformer.name) {
    const manifest = manifestOf<TransformerManifest>(model, transformer);
    const { labels, maxLength } = transformerSettings(folder, manifest);
    const { graph } = transformerFiles(folder, manifest, process.arch);
    return { graph: join(folder, graph), tokenizer: join(folder, TOKENIZER_FILE), labels, maxLength };
  }
  const { labels, steps, vectorizers, whitespace, output } = manifestOf<SklearnManifest>(model, sklearn);
  if (vectorizers !== undefined || whitespace !== 'keep' || output !== 'probabilities')
    throw new Error(`${idOf(model)} is not a graph that takes texts and gives probabilities`);
  const [only, ...others] = steps.map(({ file }) => join(folder, file));
  if (only !== undefined && others.length === 0) return { graph: only, labels };
  const graphs = await Promise.all(steps.map(({ file }) => readFile(join(folder, file))));
  const joined = joinModels(graphs);
  if (joined === undefined) throw new Error(`the graphs of ${idOf(model)} cannot be joined`);
  const kept = join(root, '.build', 'bench');
  await mkdir(kept, { recursive: true });
  const graph = join(kept, `${idOf(model)}.onnx`);
  await writeFile(graph, joined);
  return { graph, labels };
};
