import { PermanentError } from '../errors.ts';
import type { Answer, Input, Model, Models } from '../tasks/model.ts';
import { type Classification, classify } from './classify.ts';
import { type Meter, UNMETERED } from './meter.ts';

/** The answer of one model to an input, or its error: a TransientError where the model failed as a whole. */
export type ModelAnswer = { readonly model: Model } & (
  { readonly answer: Answer } | { readonly error: Extract<Classification, { error: unknown }>['error'] }
);

/** The answers of the models to an input, in their order; an error where no model could run. */
export type Predicted = { readonly answers: readonly ModelAnswer[] } | { readonly error: PermanentError };

/**
 * Runs models on inputs, for callers that have inputs instead of records. Equal inputs are classified once.
 *
 * @param inputs an error in place of an input is returned as its result
 * @param names of the models (`name`, `name@version`); the default ones where undefined
 * @returns one result per input, in their order
 */
export const predict = async (
  inputs: readonly (Input | PermanentError)[],
  names: readonly string[] | undefined,
  models: Models,
  meter: Meter = UNMETERED,
): Promise<readonly Predicted[]> => {
  const asked = resolved(names, models);
  if (asked instanceof PermanentError) return inputs.map(() => ({ error: asked }));
  const classifications = await classify(
    inputs.map((input) => ({ input, models: asked })),
    models,
    meter,
  );
  return inputs.map((input, index) =>
    input instanceof PermanentError
      ? { error: input }
      : { answers: asked.map((model, position) => answerOf(model, classifications[index]?.[position])) },
  );
};

const resolved = (
  names: readonly string[] | undefined,
  models: Models,
): readonly Model[] | PermanentError => {
  try {
    return models.resolve(names);
  } catch (error) {
    if (error instanceof PermanentError) return error;
    throw error;
  }
};

const answerOf = (model: Model, classification: Classification | undefined): ModelAnswer => {
  if (classification === undefined) throw new Error(`${model.id} left out an input`);
  return 'error' in classification
    ? { model, error: classification.error }
    : { model, answer: classification };
};
