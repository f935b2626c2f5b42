import { hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GetLayerVersionCommand, type Runtime } from '@aws-sdk/client-lambda';
import { openBuildFolder } from '../../build/build-folder.ts';
import { buildBundle } from '../../build/bundle.ts';
import { checkUnzippedSize } from '../../build/layer-size.ts';
import { type Architecture, buildLayers, buildSoundLayers } from '../../build/layers.ts';
import { refuseFaults } from '../../build/model-faults.ts';
import { zipFolder } from '../../build/zip.ts';
import { mismatchText } from './examples.ts';
import { modelFunctions } from './functions.ts';
import { describeLayer } from './layer-description.ts';
import { listModelsLayers, type ModelsLayer } from './layer-versions.ts';
import { startLocalFunction } from './local-function.ts';
import { checkedId, localModel, localModels, untouched } from './local-models.ts';
import { pruneLayers } from './prune.ts';
import type { StageModels } from './stage-models.ts';
import { MAX_DIRECT_BYTES, uploadLayer } from './upload-layer.ts';
import { verifyModel } from './check-examples.ts';
import { UserError } from '../../user-error.ts';

export interface Published {
  /** The version of the models layer that holds it. */
  readonly version: number;
  /** Whether a version with the same content was there already. */
  readonly isNew: boolean;
  /** All models in it, as `name@version`. */
  readonly ids: readonly string[];
  /** Of the zip archive. */
  readonly bytes: number;
  /** Of the model's examples, all of which were as expected. */
  readonly examples: number;
  /** Versions of the layer that were deleted because nothing uses them. */
  readonly pruned: readonly number[];
}

/**
 * Publishes a version of a stage's models layer with all models of the project's `models/`. No code is changed, and no
 * invocation sees it before `useModel`. Before anything is uploaded, manifests, digests and size are checked, and the
 * model runs on its examples, from the files that the layer will have.
 *
 * @param id `name@version`
 * @throws UserError before anything is changed
 */
export const publishModel = async (
  stage: StageModels,
  id: string,
  { maxDirectBytes = MAX_DIRECT_BYTES }: { readonly maxDirectBytes?: number } = {},
): Promise<Published> => {
  const { root, lambda, names, latest } = stage;
  const ids = [...(await localModels(root)).keys()];
  if ((await localModel(root, checkedId(id))) === undefined) {
    throw new UserError(
      `Model ${id} not found in models/; available: ${ids.join(', ')}. Nothing was changed.`,
    );
  }
  const functions = await modelFunctions(stage);
  const description = describeLayer(ids, 'model');
  const { layer, examples } = await checkedLayer(root, id, latest.architecture as Architecture);
  const zip = await zipFolder(layer);

  const layers = await listModelsLayers(lambda, names.layerName, ids);
  const same = await versionWith(stage, layers, description, hash('sha256', zip, 'base64'));
  if (same !== undefined) {
    return { version: same, isNew: false, ids, bytes: zip.length, examples, pruned: [] };
  }
  const published = await uploadLayer(
    stage,
    { LayerName: names.layerName, Description: description, CompatibleRuntimes: runtimes(stage) },
    zip,
    maxDirectBytes,
  );
  const all: readonly ModelsLayer[] = [{ ...published, ids, by: 'model' }, ...layers];
  const pruned = await pruneLayers(
    lambda,
    functions.map(({ functionName }) => functionName),
    names.layerName,
    all,
  );
  return { version: published.version, isNew: true, ids, bytes: zip.length, examples, pruned };
};

const runtimes = ({ names }: StageModels): Runtime[] => [...names.compatibleRuntimes] as Runtime[];

/** Builds the layer and checks the examples of the model in it. @returns its folder, and the number of examples */
const checkedLayer = async (
  root: string,
  id: string,
  architecture: Architecture,
): Promise<{ readonly layer: string; readonly examples: number }> => {
  const bundle = await buildBundle(root, join(await openBuildFolder(root), 'function'));
  const { faults, ...deployed } = await untouched(() => buildSoundLayers({ root, architecture }));
  try {
    const { size } = await stat(bundle.file);
    checkUnzippedSize({ classifyStream: size, ...deployed.sizes });
  } catch (cause) {
    throw new UserError(`${(cause as Error).message} Nothing was changed.`, { cause });
  }
  // Imported here because other commands do not need ONNX Runtime.
  const { tryModels } = await import('../../build/try-models.ts');
  await untouched(async () => refuseFaults([...faults, ...(await tryModels(deployed, root))]));
  // The layer that runs locally has to be built for this machine.
  const { opt } = await untouched(() => buildLayers({ root, architecture: 'host' }));
  await using local = startLocalFunction(bundle, opt, id);
  const { examples, mismatches } = await verifyModel(root, local.ask, id);
  if (mismatches.length > 0) {
    throw new UserError(`${mismatchText(id, examples, mismatches)}\nNothing was changed.`);
  }
  return { layer: deployed.models, examples: examples.length };
};

/** The version of the layer with the same content, if that is the newest one with this description. */
const versionWith = async (
  { lambda, names: { layerName } }: StageModels,
  layers: readonly ModelsLayer[],
  description: string,
  sha256: string,
): Promise<number | undefined> => {
  const newest = layers.find(({ ids, by }) => by === 'model' && describeLayer(ids, by) === description);
  if (newest === undefined) return undefined;
  const { Content } = await lambda.send(
    new GetLayerVersionCommand({ LayerName: layerName, VersionNumber: newest.version }),
  );
  return Content?.CodeSha256 === sha256 ? newest.version : undefined;
};
