import type { TextAttribute } from '../../../tasks/item-text.ts';
import type { Task, TextPlaces } from '../../../tasks/task.ts';

/** The texts that a task cannot do without: the names of the attributes of each, of which one is enough. */
export const neededTexts = (task: Task, places: TextPlaces): readonly (readonly TextAttribute[])[] =>
  task.textsOf(places).flatMap(({ attributes, isOptional }) => (isOptional ? [] : [attributes]));

/** `text or body` */
const namesOf = (attributes: readonly TextAttribute[]): string =>
  attributes.map(({ name }) => name).join(' or ');

/**
 * Which of the needed texts there are not, in words: `text or body`, `question and no context`.
 *
 * @param has whether there is an attribute
 * @returns undefined where all are there
 */
export const missingTexts = (
  task: Task,
  places: TextPlaces,
  has: (attribute: TextAttribute) => boolean,
): string | undefined => {
  const missing = neededTexts(task, places).filter((attributes) => !attributes.some(has));
  return missing.length === 0 ? undefined : missing.map(namesOf).join(' and no ');
};

/** All of the needed texts, where they are several: `question and context`. */
export const severalTexts = (task: Task, places: TextPlaces): string | undefined => {
  const needed = neededTexts(task, places);
  return needed.length < 2 ? undefined : needed.map(namesOf).join(' and ');
};
