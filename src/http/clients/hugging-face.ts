import {
  answerTo,
  countedInputs,
  envelopeOf,
  givenInputs,
  modelNameOf,
  parametersOf,
  type Questions,
} from '../questions.ts';
import type { Seen } from '../seen.ts';
import type { ClientParts, Handler } from './client.ts';
import { jsonRequest } from './json-request.ts';

/**
 * Questions as Hugging Face's pipelines have them: `inputs` is one, or a list.
 *
 * @param inPath the name of the model in the path
 * @throws Problem (404, 422)
 */
export const pipelineQuestions = (
  body: unknown,
  { models, limits }: ClientParts,
  seen: Seen,
  inPath?: string,
): Questions => {
  const fields = envelopeOf(body);
  const model = models.find(modelNameOf(fields, inPath));
  const parameters = parametersOf(model, fields.parameters);
  seen.models = [model.id];
  const given = givenInputs(fields.inputs);
  return { model, parameters, isSingle: given.isSingle, inputs: countedInputs(model, given, limits, seen) };
};

/**
 * As Hugging Face's inference clients ask and read: labels of one text in a list of one list, of which they take the
 * first element; of several, a list for each, or `{error, error_type}` in its place.
 */
export const huggingFace =
  (parts: ClientParts): Handler =>
  async (request, seen, inPath) => {
    const questions = pipelineQuestions(await jsonRequest(request, parts.limits), parts, seen, inPath);
    const { task } = questions.model;
    return answerTo(questions, parts.models, (json) => task.single(json));
  };
