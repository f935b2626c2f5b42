import { PermanentError } from '../errors.ts';
import type { Answer, Input } from '../tasks/model.ts';
import { checked } from './checked.ts';
import type { RequestLimits } from './limits.ts';
import { jsonResponse } from './json-response.ts';
import { inputError, inputProblem, invalid, Problem } from './problem.ts';
import { envelope, type Envelope } from './schemas.ts';
import type { Seen } from './seen.ts';
import type { ServedModel, ServedModels } from './served-models.ts';

/** What is asked of a model. */
export interface Questions {
  readonly model: ServedModel;
  readonly inputs: readonly (Input | PermanentError)[];
  /** The request had one input that was not in a list. */
  readonly isSingle: boolean;
  readonly parameters: object;
  /** A text that is longer than the model takes is an error. */
  readonly refusesTruncation?: boolean;
}

/** What is said of an input, as JSON, or why nothing can be. */
export type Reply = { readonly json: unknown } | { readonly error: PermanentError };

/** The fields that all JSON bodies have in common. @throws Problem (422) */
export const envelopeOf = (body: unknown): Envelope => {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Problem('Validation', 'the body should be an object: {"inputs": "a text"}');
  const { question, context, ...fields } = checked(envelope, body);
  if (fields.inputs !== undefined) return fields;
  if (question === undefined && context === undefined)
    throw invalid('/inputs', 'is missing; send {"inputs": "a text"}');
  return { ...fields, inputs: { question, context } };
};

/**
 * The name of the model that a request asks for; undefined where it names none.
 *
 * @param inPath the name in the path
 * @throws Problem (422) where it names several
 */
export const modelNameOf = ({ model, model_type: type }: Envelope, inPath?: string): string | undefined => {
  const names = new Set([inPath, model ?? undefined, type ?? undefined].filter((name) => name !== undefined));
  if (names.size > 1) throw invalid('/model', 'names another model than the rest of the request; name one');
  return [...names][0];
};

/** The parameters of a request; null counts as none. @throws Problem (422) */
export const parametersOf = ({ task }: ServedModel, parameters: unknown, pointer = '/parameters'): object =>
  parameters === undefined || parameters === null
    ? {}
    : checked(task.parameters as never, parameters, pointer);

/** What a JSON body has as `inputs`. */
export interface GivenInputs {
  readonly values: readonly unknown[];
  /** There was one, not in a list. */
  readonly isSingle: boolean;
}

/** A value, or a list of them. */
export const givenInputs = (inputs: unknown): GivenInputs =>
  Array.isArray(inputs) ? { values: inputs, isSingle: false } : { values: [inputs], isSingle: true };

/**
 * The inputs of a request, counted in `seen`.
 *
 * @param input that a value stands for, where it is not the value itself
 * @throws Problem (422) where one is of the wrong shape, or there are more than the limit
 */
export const countedInputs = (
  { task }: ServedModel,
  { values, isSingle }: GivenInputs,
  limits: RequestLimits,
  seen: Seen,
  input: (value: unknown, pointer: string) => unknown = (value) => value,
): Questions['inputs'] => {
  const { length } = values;
  if (length > limits.texts)
    throw invalid('/inputs', `has ${length} texts; the limit is ${limits.texts}, so send several requests`);
  seen.texts = length;
  return values.map((value, index) => {
    const pointer = isSingle ? '/inputs' : `/inputs/${index}`;
    return task.inputOf(input(value, pointer), limits, pointer);
  });
};

/**
 * The answer to a JSON request: of a list a list, in which errors take the place of answers.
 *
 * @param single how the client reads the answer to a single input
 * @throws Problem (422 where the only input is at fault, 429, 500)
 */
export const answerTo = async (
  questions: Questions,
  models: ServedModels,
  single: (json: unknown) => unknown = (json) => json,
): Promise<Response> => {
  const replies = await repliesTo(questions, models);
  const json = questions.isSingle ? single(only(replies)) : replies.map(listed);
  return jsonResponse(json, questions.model.id);
};

/** What the model says of each input. @throws Problem (429, 500) */
const repliesTo = async (questions: Questions, models: ServedModels): Promise<readonly Reply[]> => {
  const answers = await models.ask(questions.model, askedInputs(questions));
  return answers.map((answer) => replyOf(answer, questions));
};

/** The inputs as the parameters want them read. */
export const askedInputs = ({ model: { task }, inputs, parameters }: Questions): Questions['inputs'] =>
  inputs.map((input) =>
    input instanceof PermanentError || task.asked === undefined ? input : task.asked(input, parameters),
  );

/** What is said of an input that got this answer. */
export const replyOf = (
  answer: Answer | PermanentError,
  { model, parameters, refusesTruncation }: Questions,
): Reply => {
  if (answer instanceof PermanentError) return { error: answer };
  if (refusesTruncation === true && answer.truncated)
    return {
      error: new PermanentError(
        'text-too-long',
        'the text has more tokens than the model takes; leave out truncate, or set it to true',
      ),
    };
  const json = model.task.jsonOf(answer, parameters);
  return json instanceof PermanentError ? { error: json } : { json };
};

/** A reply within a list: an error takes the place of the answer. */
const listed = (reply: Reply): unknown => ('error' in reply ? inputError(reply.error) : reply.json);

/** The only reply. @throws Problem (422) where it is an error */
const only = ([reply]: readonly Reply[]): unknown => {
  if (reply === undefined) throw new Error('the model left out a text');
  if ('error' in reply) throw inputProblem(reply.error);
  return reply.json;
};
