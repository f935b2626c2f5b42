import type { Config } from './config.ts';
import { ConfigError } from '../errors.ts';
import { labelNames } from '../tasks/label-names.ts';
import type { Model } from '../tasks/model.ts';
import { questionAnswering } from '../tasks/question-answering.ts';
import { differenceOf } from '../tasks/tasks.ts';

type Settings = Pick<
  Config,
  | 'CONTEXT_ATTRIBUTE'
  | 'KEY_ATTRIBUTES'
  | 'LABEL_STORE'
  | 'MODEL_ATTRIBUTE'
  | 'QUESTION_ATTRIBUTE'
  | 'TEXT_ATTRIBUTES'
  | 'TEXT_PAIR_ATTRIBUTE'
>;

/**
 * Refuses settings under which a label would overwrite its own input: an item's text, its key or the names of its
 * models. All models are checked, because an item may name any of them. Models of different tasks must not share a
 * prefix, because an answer replaces only what its own task writes.
 *
 * @throws ConfigError that lists every such attribute, the setting that names it and the model that writes it; or the
 *   models
 */
export const checkAttributes = (settings: Settings, models: readonly Model[]): void => {
  // In a labels table, labels cannot overwrite attributes of the item.
  if (settings.LABEL_STORE === 'labels-table') return;
  requireOwnPrefixes(models);
  const writers = new Map(
    models.flatMap((model) => labelNames(model.attribute).all.map((name) => [name, model])),
  );
  const faults = readBy(settings, models).flatMap(({ setting, name }) => {
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

const requireOwnPrefixes = (models: readonly Model[]): void => {
  for (const sharing of Map.groupBy(models, ({ attribute }) => attribute).values()) {
    const difference = differenceOf(sharing);
    if (difference !== undefined)
      throw new ConfigError(
        `models of different tasks write under the prefix ${sharing[0]?.attribute}: ${difference}; change "attribute" in the model.json of one`,
      );
  }
};

/** The top-level attributes that settings name; those of questions only where a model answers them. */
const readBy = (settings: Settings, models: readonly Model[]) => {
  const { KEY_ATTRIBUTES, MODEL_ATTRIBUTE, TEXT_ATTRIBUTES, TEXT_PAIR_ATTRIBUTE } = settings;
  const { QUESTION_ATTRIBUTE, CONTEXT_ATTRIBUTE } = settings;
  const answersQuestions = models.some(({ task }) => task === questionAnswering.name);
  const namesOf = ({ name, path }: Config['TEXT_ATTRIBUTES'][number]): readonly string[] => [
    ...new Set([name, String(path[0])]),
  ];
  const named = (setting: string, names: readonly string[]) => names.map((name) => ({ setting, name }));
  return [
    ...named('TEXT_ATTRIBUTES', TEXT_ATTRIBUTES.flatMap(namesOf)),
    ...named('TEXT_PAIR_ATTRIBUTE', TEXT_PAIR_ATTRIBUTE === undefined ? [] : namesOf(TEXT_PAIR_ATTRIBUTE)),
    ...(answersQuestions
      ? [
          ...named('QUESTION_ATTRIBUTE', namesOf(QUESTION_ATTRIBUTE)),
          ...named('CONTEXT_ATTRIBUTE', namesOf(CONTEXT_ATTRIBUTE)),
        ]
      : []),
    ...named('MODEL_ATTRIBUTE', [MODEL_ATTRIBUTE]),
    ...named('KEY_ATTRIBUTES', KEY_ATTRIBUTES),
  ];
};
