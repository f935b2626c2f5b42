import { ConfigError, ModelError, PermanentError } from '../../errors.ts';
import { labelNames } from '../../tasks/label-names.ts';
import { compareVersions } from '../../pipeline/items/model-order.ts';
import type { Model, Models } from '../../tasks/model.ts';
import { differenceOf } from '../../tasks/tasks.ts';
import { type ModelFault, type ModelFolder, toModel } from '../folder/model-folder.ts';
import type { KnownModel } from '../loaded-model.ts';

export interface ChoiceOptions {
  /** The models of records that name none: `name` or `name@version`. */
  readonly defaultModels: readonly string[];
  /** What happens to an item that names an unknown model: it is rejected, or the default models label it. */
  readonly unknownModel?: 'reject' | 'default' | undefined;
  /** Models that were found and cannot be used. */
  readonly faults?: readonly ModelFault[] | undefined;
  /** The `name@version` that each name stands for; the highest version of that name, unless given. */
  readonly inUse?: ReadonlyMap<string, string> | undefined;
  /** Is told of a name that is not found, before anything is decided. */
  readonly onMissing?: ((name: string) => void) | undefined;
}

/** Finds models by name. */
export interface ModelChoice {
  /**
   * The model of that `name@version`, or the highest version of that `name`; undefined where there is none.
   * @throws ModelError with the cause where the only one cannot be used
   */
  find(name: string): KnownModel | undefined;
  /** The available models, for messages. */
  found(): string;
  readonly defaults: readonly KnownModel[];
  readonly resolve: Models['resolve'];
}

/**
 * @throws ModelError where the default models are not found, cannot be used or would write the same attributes;
 *   ConfigError where they do different tasks
 */
export const modelChoice = (
  folders: readonly ModelFolder[],
  { defaultModels, unknownModel = 'reject', faults = [], inUse, onMissing }: ChoiceOptions,
): ModelChoice => {
  const byName = modelsByName(folders, inUse);
  const faultOf = (name: string): ModelFault | undefined =>
    faults.find(({ id }) => id === name || id.split('@', 1)[0] === name);
  const find = (name: string): KnownModel | undefined => {
    const fault = byName.has(name) ? undefined : faultOf(name);
    if (fault === undefined) return byName.get(name);
    throw new ModelError(`model ${fault.id} cannot be used: ${fault.error.message}`, { cause: fault.error });
  };
  const found = (): string => [...byName.keys()].filter((name) => name.includes('@')).join(', ');

  const defaults = distinct(
    defaultModels.map((name) => {
      const model = find(name);
      if (model !== undefined) return model;
      throw new ModelError(`default model ${name} not found; available: ${found()}`);
    }),
  );
  const difference = differenceOf(defaults);
  if (difference !== undefined) {
    throw new ConfigError(
      `the default models do different tasks: ${difference}; MODEL takes those of one task, items name the others`,
    );
  }
  const conflict = conflictOf(defaults);
  if (conflict !== undefined) {
    throw new ModelError(
      `the default models do not go together: ${conflict}; name one of them, or change "attribute" in its model.json`,
    );
  }

  const orDefaults = (name: string): KnownModel | readonly KnownModel[] => {
    const model = byName.get(name);
    if (model !== undefined) return model;
    onMissing?.(name);
    if (unknownModel === 'default') return defaults;
    const fault = faultOf(name);
    // The message does not quote the item.
    const reason =
      fault === undefined
        ? `a model that the item names was not found; available: ${found()}`
        : `model ${fault.id} was found, but its folder is faulty: ${fault.error.message}`;
    throw new PermanentError('unknown-model', reason);
  };

  const resolve: Models['resolve'] = (names = []) => {
    if (names.length === 0) return defaults;
    const models = distinct(names.flatMap(orDefaults));
    const clash = conflictOf(models);
    if (clash === undefined) return models;
    throw new PermanentError('conflicting-models', `the models do not go together: ${clash}`);
  };
  return { find, found, defaults, resolve };
};

/**
 * Models by `name@version`, and by `name` the highest version of each.
 *
 * @param inUse the `name@version` that each name stands for instead
 */
export const modelsByName = (
  folders: readonly ModelFolder[],
  inUse?: ReadonlyMap<string, string>,
): ReadonlyMap<string, KnownModel> => {
  const ascending = folders.toSorted((a, b) => compareVersions(a.manifest.version, b.manifest.version));
  return new Map(
    ascending.flatMap(({ folder, manifest }) => {
      const model = { folder, manifest, ...toModel({ manifest }) };
      const isNamed = inUse === undefined || inUse.get(manifest.name) === model.id;
      return [[model.id, model] as const, ...(isNamed ? [[manifest.name, model] as const] : [])];
    }),
  );
};

const distinct = <Some extends Model>(models: readonly Some[]): readonly Some[] =>
  models.length < 2 ? models : [...new Map(models.map((model) => [model.id, model])).values()];

/** Which two models do different tasks, or would write the same attribute of an item; undefined where none would. */
const conflictOf = (models: readonly Model[]): string | undefined => {
  if (models.length < 2) return undefined;
  const difference = differenceOf(models);
  if (difference !== undefined) return difference;
  const writers = new Map<string, Model>();
  for (const model of models) {
    for (const name of labelNames(model.attribute).all) {
      const other = writers.get(name);
      if (other !== undefined) return `${other.id} and ${model.id} both write ${name}`;
      writers.set(name, model);
    }
  }
  return undefined;
};
