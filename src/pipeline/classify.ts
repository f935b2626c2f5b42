import { PermanentError, TransientError } from '../errors.ts';
import type { Document } from './items/document.ts';
import { type Meter, UNMETERED } from './meter.ts';
import type { Input, Model, Models, Prediction } from '../tasks/model.ts';

export type Classification = Prediction | { readonly error: TransientError };

/** What is classified: a document, or the part of one that is needed. */
export type Classifiable = Pick<Document, 'input' | 'models'>;

/**
 * Classifies documents with the models of each, every distinct input once by each model.
 *
 * @returns for each document, in their order, one classification for each of its models, in theirs; none for one that
 *   has no input
 */
export const classify = async (
  documents: readonly Classifiable[],
  models: Models,
  meter: Meter = UNMETERED,
): Promise<readonly (readonly Classification[])[]> => {
  const asked = new Map<string, Asked>();
  for (const { models: own, input } of documents) {
    if (input === undefined || input instanceof PermanentError) continue;
    const key = keyOf(input);
    for (const model of own) {
      const { inputs, positions } = askedOf(asked, model);
      if (positions.has(key)) continue;
      positions.set(key, inputs.length);
      inputs.push(input);
    }
  }
  const answers = new Map<string, readonly Classification[]>();
  for (const [id, { model, inputs }] of asked) {
    const predictions = await predictionsOf(id, inputs, models);
    answers.set(id, predictions);
    meter.inferences(inputs.length);
    meter.answered(model, predictions);
  }
  return documents.map(({ models: own, input }) => {
    if (input === undefined) return [];
    if (input instanceof PermanentError) return own.map(() => ({ error: input }));
    const key = keyOf(input);
    return own.map(({ id }) => {
      const position = asked.get(id)?.positions.get(key);
      return (position === undefined ? undefined : answers.get(id)?.[position]) ?? leftOut(id);
    });
  });
};

/** What a model is asked: the distinct inputs, and the position of each. */
interface Asked {
  readonly model: Model;
  readonly inputs: Input[];
  readonly positions: Map<string, number>;
}

const askedOf = (asked: Map<string, Asked>, model: Model): Asked => {
  const known = asked.get(model.id) ?? { model, inputs: [], positions: new Map<string, number>() };
  asked.set(model.id, known);
  return known;
};

/** No text begins with it: it is half a character. */
const OBJECT = '\uD800';

/**
 * Unique per input. The document's hash is not: it is of the stored value, which makes different texts in a `:json`
 * attribute and in a plain one. A text is its own key, because to build another takes as long as to look it up.
 */
const keyOf = (input: Input): string =>
  typeof input === 'string' ? input : `${OBJECT}${JSON.stringify(input)}`;

const predictionsOf = async (
  id: string,
  inputs: readonly Input[],
  models: Models,
): Promise<readonly Classification[]> => {
  try {
    const model = await models.load(id);
    return await model.classify(inputs);
  } catch (cause) {
    const error = new TransientError(`model ${id} could not classify ${inputs.length} texts`, { cause });
    return inputs.map(() => ({ error }));
  }
};

/** Predictions align with inputs; a missing prediction counts as failed. */
const leftOut = (id: string): Classification => ({ error: new TransientError(`${id} left out a text`) });
