import type { DocumentSettings } from '../items/document.ts';
import { labelNames } from '../../tasks/label-names.ts';
import type { Model } from '../../tasks/model.ts';

/** The top-level attributes of an item that decide whether and how it is labelled, its keys first. */
export const neededAttributes = (
  { keyAttributes, textAttributes, textPairAttribute, modelAttribute }: DocumentSettings,
  { attribute }: Model,
): readonly string[] => {
  const texts = [...textAttributes, ...(textPairAttribute === undefined ? [] : [textPairAttribute])];
  return [
    ...new Set([
      ...keyAttributes,
      // An attribute may be called like a path.
      ...texts.flatMap(({ name, path }) => [name, String(path[0])]),
      modelAttribute,
      ...labelNames(attribute).all,
    ]),
  ];
};
