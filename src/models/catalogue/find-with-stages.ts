import { ModelError } from '../../errors.ts';
import { type CascadeManifest, cascade } from '../formats/cascade.ts';
import { manifestOf } from '../formats/format.ts';
import { type ChangingModels, type Catalogue, modelId, type ModelFolder } from '../folder/model-folder.ts';

/** Models by the names that were followed to them, `name` or `name@version`. */
export type FoundModels = ReadonlyMap<string, ModelFolder>;

/**
 * The model with a name and, of a cascade, those of its stages.
 *
 * @returns undefined where there is no model of that name
 * @throws TransientError where that cannot be found out now; ModelError where a stage is not found
 */
export const findWithStages = async (
  source: Pick<ChangingModels, 'find'>,
  name: string,
): Promise<FoundModels | undefined> => {
  const found = new Map<string, ModelFolder>();
  const follow = async (next: string): Promise<boolean> => {
    if (found.has(next)) return true;
    const model = await source.find(next);
    if (model === undefined) return false;
    found.set(next, model);
    for (const stage of stagesOf(model)) {
      if (await follow(stage)) continue;
      throw new ModelError(`stage ${stage} of ${modelId(model.manifest)} not found; publish it first`);
    }
    return true;
  };
  return (await follow(name)) ? found : undefined;
};

/** The names of a cascade's stages. */
export const stagesOf = (model: ModelFolder): readonly string[] =>
  model.manifest.format === cascade.name
    ? manifestOf<CascadeManifest>(model, cascade).stages.map((stage) => stage.model)
    : [];

/** What these names, without a version, stand for. */
export const inUseOf = (found: FoundModels): ReadonlyMap<string, string> =>
  new Map(
    [...found].flatMap(([name, { manifest }]) => (name.includes('@') ? [] : [[name, modelId(manifest)]])),
  );

/**
 * The models that a door begins with.
 *
 * @param names of its default models
 * @throws TransientError where they cannot be looked for; models that are not found are left to who needs them
 */
export const firstModels = async (source: ChangingModels, names: readonly string[]): Promise<Catalogue> => {
  const found = await Promise.all(names.map((name) => findWithStages(source, name)));
  const all = new Map(found.flatMap((some) => [...(some ?? [])]));
  const models = [...new Map([...all.values()].map((model) => [modelId(model.manifest), model])).values()];
  return { models, faults: [], changing: source, inUse: inUseOf(all) };
};
