import { isObject } from './records/attributes.ts';
import type { Models, Prediction } from '../tasks/model.ts';

/**
 * A question put to the function itself, beside the stream: what a model says of these texts. It touches no table, and
 * who may ask is who may invoke the function (`lambda:InvokeFunction`).
 */
export interface VerifyRequest {
  readonly labelstream: 'verify';
  readonly texts: readonly string[];
}

export interface VerifyAnswer {
  /** The model of records that name none, as `name@version`. */
  readonly model: string;
  /** The version of the function that answers. */
  readonly version: string;
  /** One per text: the most probable label, or the code of the error that a record with this text would get. */
  readonly predictions: readonly (
    { readonly label: string; readonly score: number } | { readonly error: string }
  )[];
}

/** What an entry point does before all else: it answers such requests, and leaves the events of its stream alone. */
export const verification =
  (models: () => Promise<Models>) =>
  async ({
    event,
    context,
  }: {
    readonly event: unknown;
    readonly context: { readonly functionVersion: string };
  }) =>
    isVerifyRequest(event) ? answerVerifyRequest(event, await models(), context.functionVersion) : undefined;

/** Events of a stream have `Records` and nothing else. */
const isVerifyRequest = (event: unknown): event is VerifyRequest =>
  isObject(event) && event.labelstream === 'verify';

/**
 * Answers a request with the model that records get which name none, the first where they get several.
 *
 * @param version of the function
 * @throws TypeError where `texts` is no list of strings; ModelError where the model cannot be loaded
 */
export const answerVerifyRequest = async (
  { texts }: VerifyRequest,
  models: Models,
  version: string,
): Promise<VerifyAnswer> => {
  const isList: boolean = Array.isArray(texts) && texts.every((text) => typeof text === 'string');
  if (!isList) throw new TypeError('texts should be a list of strings');
  const [model] = models.resolve();
  if (model === undefined) throw new TypeError('there is no default model');
  const classifier = await models.load(model.id);
  const predictions = await classifier.classify(texts);
  return { model: model.id, version, predictions: predictions.map(answerOf) };
};

const answerOf = (prediction: Prediction): VerifyAnswer['predictions'][number] => {
  if ('error' in prediction) return { error: prediction.error.code };
  const { label = '', score = 0 } = prediction.labels[0] ?? {};
  return { label, score };
};
