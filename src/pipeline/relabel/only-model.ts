import { PermanentError } from '../../errors.ts';
import type { Model, Models } from '../../tasks/model.ts';

/**
 * One of the models for the items that it is for: those that name no model, as it becomes the default one, and those
 * that name it, with or without its version. For the others `resolve` gives none, whatever they name.
 *
 * @param models what items name is found among these; their default is `model`
 */
export const onlyModel = (models: Models, model: Model): Models => {
  const name = model.id.slice(0, model.id.indexOf('@'));
  return {
    load: models.load,
    resolve: (names) => {
      if (names === undefined) return [model];
      const asked = names.map((one) => (one === name ? model.id : one));
      try {
        return models.resolve(asked).filter(({ id }) => id === model.id);
      } catch (error) {
        if (error instanceof PermanentError && !asked.includes(model.id)) return [];
        throw error;
      }
    },
  };
};
