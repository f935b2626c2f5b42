import { invalid, Problem } from '../problem.ts';
import { answerTo, parametersOf } from '../questions.ts';
import type { HttpTask } from '../tasks/task.ts';
import type { ClientParts, Handler } from './client.ts';

/**
 * For people: `GET /predict?text=…&top_k=5&model=…`. The answer is flat, like that of `POST /predict`, with as many
 * labels as the model gives by itself.
 */
export const query =
  ({ models, limits }: ClientParts): Handler =>
  async (request, seen) => {
    const { model: name, ...given } = queryOf(request.url);
    const model = models.find(name);
    seen.models = [model.id];
    seen.texts = 1;
    const { fields, parameters } = splitFields(given, model.task);
    const [first] = model.task.fields;
    if (fields[first] === undefined) throw invalid(`query/${first}`, `is missing; send /predict?${first}=…`);
    const questions = {
      model,
      isSingle: true,
      parameters: parametersOf(model, parameters, 'query'),
      inputs: [
        model.task.inputOf(Object.keys(fields).length === 1 ? fields[first] : fields, limits, 'query'),
      ],
    };
    return answerTo(questions, models);
  };

/** The parameters of the query. @throws Problem (400, 422) where one is not percent-encoded UTF-8, or given twice */
const queryOf = (url: string): Readonly<Record<string, string>> => {
  const { search, searchParams } = new URL(url);
  try {
    decodeURIComponent(search);
  } catch (cause) {
    throw new Problem('BadRequest', 'the query is not percent-encoded UTF-8', { cause });
  }
  const values = new Map<string, string>();
  for (const [name, value] of searchParams) {
    if (values.has(name)) throw invalid(`query/${name.slice(0, 100)}`, 'is given twice');
    values.set(name, value);
  }
  return Object.fromEntries(values);
};

const splitFields = (given: Readonly<Record<string, string>>, { fields: names }: HttpTask) => {
  const entries = Object.entries(given);
  return {
    fields: Object.fromEntries(entries.filter(([name]) => names.includes(name))),
    parameters: Object.fromEntries(
      entries.filter(([name]) => !names.includes(name)).map(([name, value]) => [name, jsonValue(value)]),
    ),
  };
};

const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['null', null],
  ['true', true],
  ['false', false],
]);

/** A number, `null`, `true` or `false` as such, all else as a string. */
const jsonValue = (value: string): unknown => {
  if (/^-?\d{1,15}(\.\d{1,15})?$/.test(value)) return Number(value);
  return WORDS.has(value) ? WORDS.get(value) : value;
};
