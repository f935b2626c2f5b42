import type { DocumentSettings } from '../items/document.ts';
import { labelNames } from '../../tasks/label-names.ts';
import type { Model } from '../../tasks/model.ts';
import { tasks } from '../../tasks/tasks.ts';

/** The top-level attributes of an item that decide whether and how it is labelled, its keys first. */
export const neededAttributes = (settings: DocumentSettings, model: Model): readonly string[] => {
  const { keyAttributes, modelAttribute } = settings;
  const texts = tasks.flatMap((task) => task.textsOf(settings)).flatMap(({ attributes }) => attributes);
  return [
    ...new Set([
      ...keyAttributes,
      // An attribute may be called like a path.
      ...texts.flatMap(({ name, path }) => [name, String(path[0])]),
      modelAttribute,
      ...labelNames(model.attribute).all,
    ]),
  ];
};
