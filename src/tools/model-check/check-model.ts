import { join } from 'node:path';
import { ModelError } from '../../errors.ts';
import { leavesOf } from '../../models/formats/cascade.ts';
import { directoryModels } from '../../models/sources/directory.ts';
import { type ModelFault, modelId } from '../../models/folder/model-folder.ts';
import type { KnownModel } from '../../models/loaded-model.ts';
import { modelChoice } from '../../models/catalogue/choose-models.ts';
import { openBuildFolder } from '../build/build-folder.ts';
import { memoryFor } from '../build/built-function.ts';
import { hasExamples, inputOf, type Mismatch, mismatches, readExamples } from '../stage/models/examples.ts';
import { startLocalFunction } from '../stage/models/local-function.ts';
import { type Bundle, buildBundle } from '../build/bundle.ts';
import { folderBytes } from '../build/layer-files.ts';
import { buildSoundLayers, type Layers } from '../build/layers.ts';
import { refuseFaults } from '../build/model-faults.ts';
import { tryModels } from '../build/try-models.ts';
import { type Accuracy, measureAccuracy, measureSpeed, openModel, type Speed } from './measure.ts';
import { requireClassifiers } from '../classifies.ts';
import { type CheckTexts, GENERATED, inputsFor } from './texts.ts';

/** The results of the checks of a model. */
export interface CheckedModel {
  readonly id: string;
  /** From nothing in memory to the first label. */
  readonly loadMs: number;
  /** Undefined where the model has none. */
  readonly examples: { readonly count: number; readonly mismatches: readonly Mismatch[] } | undefined;
  /** Undefined where no text has a label. */
  readonly accuracy: Accuracy | undefined;
  /** Bytes of its files in the layer, and of those of its stages. */
  readonly bytes: number;
  /** The highest resident memory of a function's process that loaded it and classified `MEMORY_TEXTS` texts. */
  readonly memoryMB: number;
  /** Undefined where it was not measured. */
  readonly speed: Speed | undefined;
}

export interface Measured {
  /** Whether the speed is measured, which takes two seconds. */
  readonly speed: boolean;
}

/** The models of a project, built once to be checked. */
export interface CheckBench {
  /** The models as a layer has them. */
  readonly modelsDir: string;
  /** The `name@version` of a name; without a name, those of all models, also of those that cannot be used. */
  idsOf(name?: string): readonly string[];
  /** @throws ModelError with the cause where it cannot be used */
  check(id: string, texts: CheckTexts, measured: Measured): Promise<CheckedModel>;
}

/** The number of texts that the function has in memory at a time. */
export const MEMORY_TEXTS = 100;

/** The minimum memory of the function. */
const LEAST_MB = 192;

/**
 * Builds what the checks need: the models as a layer has them, and the function. No AWS account is used.
 *
 * @throws ModelError where no model can be used; UserError where `.build` cannot be written
 */
export const openCheckBench = async (root: string): Promise<CheckBench> => {
  const folder = await openBuildFolder(root);
  const [bundle, { faults, ...layers }] = await Promise.all([
    buildBundle(root, join(folder, 'function')),
    buildSoundLayers({ architecture: 'host', root }),
  ]);
  const { models } = await directoryModels(join(layers.opt, 'models')).list();
  const { find, found } = modelChoice(models, { defaultModels: [], faults });

  const known = (name: string): KnownModel => {
    const model = find(name);
    if (model !== undefined) return model;
    throw new ModelError(`Model ${name} not found in models/; available: ${found()}`);
  };
  return {
    modelsDir: join(layers.opt, 'models'),
    idsOf: (name) => {
      if (name === undefined)
        return [...models.map(({ manifest }) => modelId(manifest)), ...faults.map(({ id }) => id)].toSorted();
      return [faults.find(({ id }) => id === name)?.id ?? known(name).id];
    },
    check: async (id, texts, measured) => {
      refuseFaults(faults.filter((fault) => fault.id === id));
      const model = known(id);
      const parts = [model, ...leavesOf(model, find)];
      refuseFaults(await tried(layers, root, parts));
      return checked(root, { bundle, layers }, model, parts, { ...texts, ...measured });
    },
  };
};

const tried = (layers: Layers, root: string, parts: readonly KnownModel[]): Promise<readonly ModelFault[]> =>
  tryModels(
    layers,
    root,
    parts.map(({ id }) => id),
  );

const checked = async (
  root: string,
  { bundle, layers }: { readonly bundle: Bundle; readonly layers: Layers },
  model: KnownModel,
  parts: readonly KnownModel[],
  { texts, labelled, speed }: CheckTexts & Measured,
): Promise<CheckedModel> => {
  const { id, manifest } = model;
  if (labelled.length > 0) requireClassifiers('the accuracy', [model]);
  const inputs = inputsFor(model, texts);
  const folder = join(root, 'models', manifest.name, manifest.version);
  const golden = hasExamples(folder) ? await readExamples(folder) : undefined;
  await using local = startLocalFunction(bundle, layers.opt, id, {
    memoryMB: Math.max(LEAST_MB, memoryFor(parts)),
  });
  await local.ask({
    labelstream: 'verify',
    texts: [...inputs, ...inputsFor(model, GENERATED)].slice(0, MEMORY_TEXTS),
  });
  const memoryMB = local.memoryMB();
  const ask = { labelstream: 'verify', texts: golden?.map(inputOf) ?? [] } as const;
  const { predictions } = await local.ask(ask);
  const { classify, loadMs } = await openModel(join(layers.opt, 'models'), model);
  const sizes = await Promise.all([...new Set(parts.map((part) => part.folder))].map(folderBytes));
  return {
    id,
    loadMs,
    examples: golden && { count: golden.length, mismatches: mismatches(golden, predictions) },
    accuracy: labelled.length === 0 ? undefined : await measureAccuracy(classify, labelled),
    bytes: sizes.reduce((total, bytes) => total + bytes, 0),
    memoryMB,
    speed: speed
      ? await measureSpeed(classify, inputs.length > 0 ? inputs : inputsFor(model, GENERATED))
      : undefined,
  };
};
