import { must, PermanentError } from '../errors.ts';
import { isObject } from '../dynamodb-json/attributes.ts';
import type { Input, Model, Models } from '../tasks/model.ts';
import { taskOf } from '../tasks/tasks.ts';
import { predict, type Predicted } from './predict.ts';

/**
 * A request to the function itself, outside the stream, to answer these inputs. It reads and writes no table; whoever
 * may invoke the function (`lambda:InvokeFunction`) may send it.
 */
export interface VerifyRequest {
  readonly labelstream: 'verify';
  /** Inputs of the default model: texts, pairs (`{ text, textPair }`) or questions (`{ question, context }`). */
  readonly texts: readonly Input[];
}

export interface VerifyAnswer<Json = Readonly<Record<string, unknown>>> {
  /** The model of records that name none, as `name@version`. */
  readonly model: string;
  /** The version of the function that answered. */
  readonly version: string;
  /** One per text: the answer as its task has it for clients, or the code of the error that a record with it would get. */
  readonly predictions: readonly (Json | { readonly error: string })[];
}

/** What `answerVerifyRequest` needs. */
export interface VerifyParts {
  readonly models: Models;
}

/** The first step of an entry point: answers verify requests, and returns undefined for the events of its stream. */
export const verification =
  (parts: () => Promise<VerifyParts>) =>
  async ({
    event,
    context,
  }: {
    readonly event: unknown;
    readonly context: { readonly functionVersion: string };
  }) =>
    isVerifyRequest(event) ? answerVerifyRequest(event, await parts(), context.functionVersion) : undefined;

/** Events of a stream have `Records` and nothing else. */
const isVerifyRequest = (event: unknown): event is VerifyRequest =>
  isObject(event) && event.labelstream === 'verify';

/**
 * Answers a request with the default model, the first where there are several.
 *
 * @param version of the function
 * @throws TypeError where `texts` is no list of inputs; ModelError where the model cannot be loaded
 */
export const answerVerifyRequest = async (
  { texts }: VerifyRequest,
  { models }: VerifyParts,
  version: string,
): Promise<VerifyAnswer> => {
  if (!Array.isArray(texts)) throw new TypeError('texts should be a list of inputs of the default model');
  await models.renew?.();
  const asked = must(models.resolve()[0], 'default model');
  const task = taskOf(asked);
  if (!texts.every((text) => task.isInput(text)))
    throw new TypeError(`texts should be a list of inputs of model ${asked.id}, whose task is ${task.name}`);
  const { id: model } = asked;
  // Also without texts, an answer shows that the model can be loaded.
  await models.load(model);
  const predicted = await predict(texts, [model], models);
  return { model, version, predictions: predicted.map((one) => answerOf(one, asked)) };
};

/** @throws TransientError where the model itself fails */
const answerOf = (predicted: Predicted, model: Model): VerifyAnswer['predictions'][number] => {
  const only = 'answers' in predicted ? must(predicted.answers[0], 'answer of the model') : predicted;
  if (!('error' in only)) return taskOf(model).jsonOf(only.answer);
  if (only.error instanceof PermanentError) return { error: only.error.code };
  throw only.error;
};
