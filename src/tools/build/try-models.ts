import { hash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ModelError } from '../../errors.ts';
import { cascade, leavesOf } from '../../models/formats/cascade.ts';
import { directoryModels } from '../../models/sources/directory.ts';
import { type ModelFault, type ModelFolder, modelId } from '../../models/folder/model-folder.ts';
import { NO_OTHERS } from '../../models/loaded-model.ts';
import { readManifest } from '../../models/formats/manifest.ts';
import { modelChoice } from '../../models/catalogue/choose-models.ts';
import { loadModel } from '../../models/formats/formats.ts';
import { taskOf } from '../../tasks/tasks.ts';
import { listFiles } from './layer-files.ts';
import type { Layers } from './layers.ts';
import { withScratch } from '../scratch-folder.ts';

/** The text that each model has to answer about. */
const TEXT = 'How do I get started?';

/**
 * Loads models of a layer and runs each on a text, with ONNX Runtime in this process. A model that passed before, with
 * the same files, code and ONNX Runtime, is not run again.
 *
 * @param layers as they were built, for whatever CPU
 * @param root the project's folder, in which they were built
 * @param ids `name@version`; every model of the layer, unless given
 * @returns those that cannot be used, each with a cause in the project's own files where there is one
 */
export const tryModels = async (
  { models: layer }: Pick<Layers, 'models'>,
  root: string,
  ids?: readonly string[],
): Promise<readonly ModelFault[]> => {
  const { models } = await directoryModels(join(layer, 'models')).list();
  const { find } = modelChoice(models, { defaultModels: [] });
  const cache = dirname(layer);
  const before = await readTried(cache);
  const runtime = await runtimeDigest();
  const sound = new Map<string, string>();
  const faults: ModelFault[] = [];
  for (const model of models) {
    const id = modelId(model.manifest);
    if (ids !== undefined && !ids.includes(id)) continue;
    const digest = hash('sha256', `${runtime}\n${await digestOf(model.folder)}`);
    if (before.get(id) === digest) continue;
    // A cascade has no graph of its own: its stages have to exist and to fit each other.
    const isCascade = model.manifest.format === cascade.name;
    const error = await errorOf(async () => (isCascade ? void leavesOf(model, find) : runOnce(model)));
    if (error === undefined && !isCascade) sound.set(id, digest);
    if (error === undefined) continue;
    const folder = join(root, 'models', model.manifest.name, model.manifest.version);
    const atSource = isCascade ? undefined : await errorOf(() => runOnce(inFolder(folder)));
    faults.push({ id, folder, error: atSource ?? error });
  }
  if (sound.size > 0) await writeTried(cache, new Map([...before, ...sound]));
  return faults;
};

const inFolder = (folder: string): ModelFolder => ({ folder, manifest: readManifest(folder) });

const runOnce = async (model: ModelFolder): Promise<void> => {
  const loaded = await loadModel()(model, NO_OTHERS);
  try {
    const [prediction] = await loaded.classify([taskOf(loaded).inputAbout(TEXT)]);
    if (prediction === undefined || !('error' in prediction)) return;
    const { error } = prediction;
    throw new ModelError(`${model.folder} cannot classify a text: ${innermost(error).message}`, {
      cause: error,
    });
  } finally {
    await loaded.release?.();
  }
};

const innermost = (error: Error): Error => (error.cause instanceof Error ? innermost(error.cause) : error);

const errorOf = async (work: () => Promise<void>): Promise<ModelError | undefined> => {
  try {
    await work();
    return undefined;
  } catch (cause) {
    if (cause instanceof ModelError) return cause;
    // Libraries throw their own errors for invalid input.
    return new ModelError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
};

/** A digest of names and contents. */
const digestOf = async (folder: string): Promise<string> => {
  const files = await listFiles(folder);
  const digests = files.map(async (file) => `${file} ${hash('sha256', await readFile(join(folder, file)))}`);
  return (await Promise.all(digests)).join('\n');
};

/** A digest of the code that loads and runs models. */
const runtimeDigest = async (): Promise<string> => {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as {
    readonly version: string;
  };
  const code = await digestOf(join(import.meta.dirname, '..', '..', 'models'));
  return [version, process.version, process.platform, process.arch, code].join('\n');
};

const TRIED_FILE = 'tried.json';

/** Digests of models that passed, by `name@version`. */
const readTried = async (cache: string): Promise<ReadonlyMap<string, string>> => {
  try {
    return new Map(Object.entries(JSON.parse(await readFile(join(cache, TRIED_FILE), 'utf8'))));
  } catch {
    // No model passed before.
    return new Map();
  }
};

const writeTried = (cache: string, tried: ReadonlyMap<string, string>): Promise<void> =>
  withScratch(cache, async (scratch) => {
    const written = join(scratch, TRIED_FILE);
    await writeFile(written, JSON.stringify(Object.fromEntries(tried)));
    await rename(written, join(cache, TRIED_FILE));
  });
