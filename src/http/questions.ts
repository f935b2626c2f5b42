import { PermanentError } from '../errors.ts';
import type { Answer, Input } from '../tasks/model.ts';
import { checked } from './checked.ts';
import type { RequestLimits } from './limits.ts';
import { inputError, inputProblem, invalid, Problem } from './problem.ts';
import { envelope, type Envelope } from './schemas.ts';
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
  const fields = checked(envelope, body);
  if (fields.inputs === undefined) throw invalid('/inputs', 'is missing; send {"inputs": "a text"}');
  return fields;
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

/** @throws Problem (422) where a request has more inputs than the limit */
export const checkCount = (count: number, { texts }: RequestLimits, pointer = '/inputs'): void => {
  if (count > texts)
    throw invalid(pointer, `has ${count} texts; the limit is ${texts}, so send several requests`);
};

/** What the model says of each input. @throws Problem (429, 500) */
export const repliesTo = async (questions: Questions, models: ServedModels): Promise<readonly Reply[]> => {
  const answers = await models.ask(questions.model, questions.inputs);
  return answers.map((answer) => replyOf(answer, questions));
};

const replyOf = (
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
export const listed = (reply: Reply): unknown => ('error' in reply ? inputError(reply.error) : reply.json);

/** The only reply. @throws Problem (422) where it is an error */
export const only = ([reply]: readonly Reply[]): unknown => {
  if (reply === undefined) throw new Error('the model left out a text');
  if ('error' in reply) throw inputProblem(reply.error);
  return reply.json;
};
