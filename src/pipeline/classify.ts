import { TransientError } from '../errors.ts';
import type { Document } from './document.ts';
import { type Meter, UNMETERED } from './meter.ts';
import type { Models, Prediction } from './model.ts';

export type Classification = Prediction | { readonly error: TransientError };

/**
 * Classifies documents, each by its own model and each distinct text once.
 *
 * @returns one classification per document, in the order of the documents
 */
export const classify = async (
  documents: readonly Document[],
  models: Models,
  meter: Meter = UNMETERED,
): Promise<readonly Classification[]> => {
  const texts = new Map<string, Map<string, number>>();
  for (const { model, text } of documents) {
    const distinct = texts.get(model.id) ?? new Map<string, number>();
    texts.set(model.id, distinct);
    if (!distinct.has(text)) distinct.set(text, distinct.size);
  }
  const predictions = new Map<string, readonly Classification[]>();
  for (const [id, distinct] of texts) {
    predictions.set(id, await predict(id, [...distinct.keys()], models));
    meter.inferences(distinct.size);
  }
  return documents.map(({ model, text }) => {
    const index = texts.get(model.id)?.get(text) ?? -1;
    return predictions.get(model.id)?.[index] ?? { error: new TransientError(`${model.id} left out a text`) };
  });
};

const predict = async (
  id: string,
  texts: readonly string[],
  models: Models,
): Promise<readonly Classification[]> => {
  try {
    const model = await models.load(id);
    return await model.classify(texts);
  } catch (cause) {
    const error = new TransientError(`model ${id} could not classify ${texts.length} texts`, { cause });
    return texts.map(() => ({ error }));
  }
};
