import { PermanentError, TransientError } from '../errors.ts';
import type { Document } from './items/document.ts';
import { type Meter, UNMETERED } from './meter.ts';
import type { Models, Prediction, TextInput } from '../tasks/model.ts';

export type Classification = Prediction | { readonly error: TransientError };

/** What is classified: a document, or the part of one that it takes. */
export type Classifiable = Pick<Document, 'text' | 'models'>;

/**
 * Classifies documents, each by its own models and each distinct text once by each model.
 *
 * @returns for each document, in their order, one classification for each of its models, in theirs; none for one that
 *   has no text
 */
export const classify = async (
  documents: readonly Classifiable[],
  models: Models,
  meter: Meter = UNMETERED,
): Promise<readonly (readonly Classification[])[]> => {
  const asked = new Map<string, Map<string, TextInput>>();
  for (const { models: own, text } of documents) {
    if (text === undefined || text instanceof PermanentError) continue;
    const key = keyOf(text);
    for (const { id } of own) {
      const texts = asked.get(id) ?? new Map<string, TextInput>();
      asked.set(id, texts.set(key, text));
    }
  }
  const answers = new Map<string, ReadonlyMap<string, Classification>>();
  for (const [id, texts] of asked) {
    const predictions = await predict(id, [...texts.values()], models);
    answers.set(id, new Map([...texts.keys()].map((key, index) => [key, predictions[index] ?? leftOut(id)])));
    meter.inferences(texts.size);
  }
  return documents.map(({ models: own, text }) => {
    if (text === undefined) return [];
    if (text instanceof PermanentError) return own.map(() => ({ error: text }));
    return own.map(({ id }) => answers.get(id)?.get(keyOf(text)) ?? leftOut(id));
  });
};

/** No two texts or pairs have the same. */
const keyOf = (text: TextInput): string =>
  typeof text === 'string' ? `text ${text}` : `pair ${JSON.stringify([text.text, text.textPair])}`;

const predict = async (
  id: string,
  texts: readonly TextInput[],
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

/** Predictions align with texts; one that is not there has failed. */
const leftOut = (id: string): Classification => ({ error: new TransientError(`${id} left out a text`) });
