import { UserError } from '../../user-error.ts';
import { listModelsLayers, type ModelsLayer } from './layer-versions.ts';
import { localModels } from './local-models.ts';
import type { StageModels } from './stage-models.ts';

/** @throws UserError that lists the available models, where no version of the models layer has this one */
export const requirePublished = async (stage: StageModels, id: string): Promise<void> => {
  await layerWith(stage, id);
};

/** The newest version of the models layer that has a model. @throws UserError that lists the available models */
export const layerWith = async (
  { root, lambda, names, name: stage }: StageModels,
  id: string,
): Promise<ModelsLayer> => {
  const local = await localModels(root);
  const layers = await listModelsLayers(lambda, names.layerName, [...local.keys()]);
  const found = layers.find(({ ids }) => ids.includes(id));
  if (found !== undefined) return found;
  const known = [...new Set(layers.flatMap(({ ids }) => ids))].toSorted().join(', ') || 'none that is known';
  const advice = local.has(id)
    ? `It is in models/ here: \`npm run model -- publish ${id} --stage ${stage}\` first.`
    : 'It is not in models/ here, either.';
  throw new UserError(
    `Model ${id} not found in any version of the layer ${names.layerName}; available: ${known}. ${advice} ` +
      'Nothing was changed.',
  );
};
