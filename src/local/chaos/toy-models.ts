import { PermanentError } from '../../errors.ts';
import { sha256 } from '../../pipeline/document.ts';
import type { Classifier, Model, Models } from '../../pipeline/model.ts';

export const TOY: Model = { id: 'toy@1', attribute: 'label' };

/** A text of which the toy model can say nothing. */
export const UNSCORABLE = 'NaN';

/** The label that the toy model gives to a text. */
export const toyLabel = (text: string): string => `label-${sha256(text).slice(0, 8)}`;

/** One model that needs no time: its label is a hash of the text. */
export const toyModels = (): Models => {
  const toy: Classifier = {
    ...TOY,
    classify: async (texts) =>
      texts.map((text) =>
        text === UNSCORABLE
          ? { error: new PermanentError('bad-score', 'not a number') }
          : { labels: [{ label: toyLabel(text), score: 0.5 }] },
      ),
  };
  return {
    resolve: (name = 'toy') => {
      if (name === 'toy' || name === TOY.id) return TOY;
      throw new PermanentError('unknown-model', 'no such model');
    },
    load: async () => toy,
  };
};
