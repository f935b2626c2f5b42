import { jsonResponse } from '../json-response.ts';
import {
  checkCount,
  envelopeOf,
  listed,
  modelNameOf,
  only,
  parametersOf,
  type Questions,
  repliesTo,
} from '../questions.ts';
import type { ClientParts, Handler, Seen } from './client.ts';
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
  const { inputs } = fields;
  if (!Array.isArray(inputs)) {
    seen.texts = 1;
    return { model, parameters, isSingle: true, inputs: [model.task.inputOf(inputs, limits, '/inputs')] };
  }
  checkCount(inputs.length, limits);
  seen.texts = inputs.length;
  return {
    model,
    parameters,
    isSingle: false,
    inputs: inputs.map((input, index) => model.task.inputOf(input, limits, `/inputs/${index}`)),
  };
};

/**
 * As Hugging Face's inference clients ask and read: labels of one text in a list of one list, of which they take the
 * first element; of several, a list for each, or `{error, error_type}` in its place.
 */
export const huggingFace =
  (parts: ClientParts): Handler =>
  async (request, seen, inPath) => {
    const questions = pipelineQuestions(await jsonRequest(request, parts.limits), parts, seen, inPath);
    const replies = await repliesTo(questions, parts.models);
    const { task, id } = questions.model;
    return jsonResponse(questions.isSingle ? task.single(only(replies)) : replies.map(listed), id);
  };
