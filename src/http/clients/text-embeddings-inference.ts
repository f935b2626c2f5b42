import { checked } from '../checked.ts';
import {
  answerTo,
  countedInputs,
  envelopeOf,
  type GivenInputs,
  givenInputs,
  modelNameOf,
  parametersOf,
  type Questions,
} from '../questions.ts';
import { invalid } from '../problem.ts';
import { teiFields } from '../schemas.ts';
import type { ServedModel } from '../served-models.ts';
import type { Seen } from '../seen.ts';
import type { ClientParts, Handler } from './client.ts';
import { jsonRequest } from './json-request.ts';

const BATCH = 'for a batch send a list of lists, [["a"], ["b"]]';

/** An input of a batch: `["a"]`, `["a", "b"]` for a pair, or an object. @throws Problem (422) */
const elementOf = ({ task }: ServedModel, element: unknown, pointer: string): unknown => {
  if (!Array.isArray(element)) return element;
  const [first, second] = element as readonly unknown[];
  if (element.length === 1) return first;
  if (
    element.length === 2 &&
    typeof first === 'string' &&
    typeof second === 'string' &&
    task.pairOf !== undefined
  )
    return task.pairOf(first, second);
  throw invalid(pointer, 'should be a list of a text, or of the two texts of a pair');
};

/** The inputs, as JSON, and whether they were one. @throws Problem (422) for a list of texts that is no pair */
const inputsOf = (model: ServedModel, inputs: unknown): GivenInputs => {
  const given = givenInputs(inputs);
  const { values: list } = given;
  if (given.isSingle || !list.some((element) => typeof element === 'string')) return given;
  if (list.length === 2 && model.folder.manifest.pairs === true) return { values: [list], isSingle: true };
  throw invalid('/inputs', `a list of texts is a pair here, and ${model.id} is no model of pairs; ${BATCH}`);
};

const questionsOf = (body: unknown, { models, limits }: ClientParts, seen: Seen): Questions => {
  const fields = envelopeOf(body);
  const { raw_scores: isRaw, truncate } = checked(teiFields, body);
  const model = models.find(modelNameOf(fields));
  const { task } = model;
  const given = parametersOf(model, fields.parameters);
  seen.models = [model.id];
  const inputs = inputsOf(model, fields.inputs);
  return {
    model,
    isSingle: inputs.isSingle,
    parameters: { ...task.teiParameters(isRaw === true), ...given },
    refusesTruncation: truncate === false,
    inputs: countedInputs(model, inputs, limits, seen, (value, pointer) => elementOf(model, value, pointer)),
  };
};

/**
 * As Text Embeddings Inference's clients ask and read: all labels of one text in a flat list, of a batch in a list each,
 * or `{error, error_type}` in its place.
 */
export const textEmbeddingsInference =
  (parts: ClientParts): Handler =>
  async (request, seen) => {
    const questions = questionsOf(await jsonRequest(request, parts.limits), parts, seen);
    return answerTo(questions, parts.models);
  };
