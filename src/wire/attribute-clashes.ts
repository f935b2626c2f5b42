import type { Config } from './config.ts';
import { ConfigError } from '../errors.ts';
import { labelNames } from '../tasks/label-names.ts';
import type { Model } from '../tasks/model.ts';

type Settings = Pick<
  Config,
  'KEY_ATTRIBUTES' | 'LABEL_STORE' | 'MODEL_ATTRIBUTE' | 'TEXT_ATTRIBUTES' | 'TEXT_PAIR_ATTRIBUTE'
>;

/**
 * Refuses settings under which a label would overwrite its own input: an item's text, its key or the names of its
 * models. All models are checked, because an item may name any of them.
 *
 * @throws ConfigError that lists every such attribute, the setting that names it and the model that writes it
 */
export const checkAttributes = (settings: Settings, models: readonly Model[]): void => {
  // In a labels table, labels cannot overwrite attributes of the item.
  if (settings.LABEL_STORE === 'labels-table') return;
  const writers = new Map(
    models.flatMap((model) => labelNames(model.attribute).all.map((name) => [name, model])),
  );
  const faults = readBy(settings).flatMap(({ setting, name }) => {
    const model = writers.get(name);
    return model === undefined
      ? []
      : [`  ${setting} names ${name}, which model ${model.id} writes with its labels`];
  });
  if (faults.length === 0) return;
  throw new ConfigError(
    `labels would overwrite attributes that they depend on:\n${faults.join('\n')}\n` +
      'Name other attributes, or change "attribute" in the model.json of the model.',
  );
};

/** The top-level attributes that settings name. */
const readBy = (settings: Settings) => {
  const { KEY_ATTRIBUTES, MODEL_ATTRIBUTE, TEXT_ATTRIBUTES, TEXT_PAIR_ATTRIBUTE } = settings;
  const namesOf = ({ name, path }: Config['TEXT_ATTRIBUTES'][number]): readonly string[] => [
    ...new Set([name, String(path[0])]),
  ];
  const named = (setting: string, names: readonly string[]) => names.map((name) => ({ setting, name }));
  return [
    ...named('TEXT_ATTRIBUTES', TEXT_ATTRIBUTES.flatMap(namesOf)),
    ...named('TEXT_PAIR_ATTRIBUTE', TEXT_PAIR_ATTRIBUTE === undefined ? [] : namesOf(TEXT_PAIR_ATTRIBUTE)),
    ...named('MODEL_ATTRIBUTE', [MODEL_ATTRIBUTE]),
    ...named('KEY_ATTRIBUTES', KEY_ATTRIBUTES),
  ];
};
