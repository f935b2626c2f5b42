import type { LabelPrediction } from '../../../tasks/label-scores.ts';
import { PermanentError } from '../../../errors.ts';
import { sha256 } from '../../../tasks/content-hash.ts';
import type { Model, Models } from '../../../tasks/model.ts';

export const TOY: Model = { id: 'toy@1', attribute: 'label' };

/** Another model, with a prefix of its own. */
export const MOOD: Model = { id: 'mood@1', attribute: 'mood' };

/** A model that writes where the first one does. */
export const RIVAL: Model = { id: 'rival@1', attribute: 'label' };

const MODELS: readonly Model[] = [TOY, MOOD, RIVAL];

/** A text of which no toy model can say anything. */
export const UNSCORABLE = 'NaN';

/** The label that a toy model gives to a text. */
export const toyLabel = (text: string, { id }: Model = TOY): string =>
  `label-${sha256(`${id} ${text}`).slice(0, 8)}`;

/** The models that names stand for; undefined where one is unknown. */
export const toysOf = (names: readonly string[] = ['toy']): readonly Model[] | undefined => {
  const found = names.map((name) => MODELS.find(({ id }) => id === name || id === `${name}@1`));
  return found.includes(undefined) ? undefined : (found as Model[]);
};

/** Models that need no time: their label is a hash of the text. */
export const toyModels = (): Models => ({
  resolve: (names) => {
    const models = toysOf(names);
    if (models !== undefined) return models;
    throw new PermanentError('unknown-model', 'no such model');
  },
  load: async (id) => {
    const model = MODELS.find((one) => one.id === id) ?? TOY;
    return {
      ...model,
      classify: async (texts) =>
        texts.map((text): LabelPrediction =>
          typeof text !== 'string' || text === UNSCORABLE
            ? { error: new PermanentError('bad-score', 'not a number') }
            : { labels: [{ label: toyLabel(text, model), score: 0.5 }] },
        ),
    };
  },
});
