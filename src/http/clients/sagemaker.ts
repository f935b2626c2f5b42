import { isObject } from '../../dynamodb-json/attributes.ts';
import { must } from '../../errors.ts';
import { csvLine } from '../../csv-line.ts';
import { type CsvRow, csvRows } from '../csv.ts';
import { parseJson } from '../json-body.ts';
import { ANSWER_HEADERS } from '../json-response.ts';
import { inputError, type InputError, invalid, Problem } from '../problem.ts';
import {
  answerTo,
  askedInputs,
  envelopeOf,
  modelNameOf,
  parametersOf,
  type Questions,
  replyOf,
} from '../questions.ts';
import { isJson, mediaTypeOf, readBody } from '../request-body.ts';
import type { ServedModel } from '../served-models.ts';
import type { Seen } from '../seen.ts';
import type { ClientParts, Handler } from './client.ts';
import { pipelineQuestions } from './hugging-face.ts';
import { jsonRequest, valuesOf } from './json-request.ts';

const JSON_LINES: ReadonlySet<string> = new Set([
  'application/jsonlines',
  'application/x-ndjson',
  'application/jsonl',
]);

/**
 * As SageMaker's endpoints and batch transforms ask: a JSON body as Hugging Face's pipelines have it, JSON Lines or CSV,
 * of which every line in gives one line out, its error included.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
 */
export const sageMaker =
  (parts: ClientParts): Handler =>
  async (request, seen) => {
    const type = mediaTypeOf(request);
    if (isJson(type)) {
      const questions = pipelineQuestions(await jsonRequest(request, parts.limits), parts, seen);
      return answerTo(questions, parts.models);
    }
    if (type !== 'text/csv' && !JSON_LINES.has(type ?? ''))
      throw new Problem(
        'UnsupportedMediaType',
        'Content-Type should be application/json, application/jsonlines or text/csv',
      );
    const body = await readBody(request, parts.limits.bytes);
    const lines =
      type === 'text/csv' ? csvQuestions(body, hasHeader(request), parts) : jsonLines(body, parts);
    return linesResponse(await answerLines(lines, parts, seen), seen, wantsCsv(request));
  };

/** What a line asks, or why it asks nothing. */
type Line = { readonly questions: Questions } | { readonly error: InputError };

/** What is said of a line: JSON, the same as columns, or an error. */
type Said =
  { readonly json: unknown; readonly columns: readonly (string | number)[] } | { readonly error: InputError };

/** The lines of a body, no more of them than the limit. @throws Problem (422) where there are more */
const limited = <Item>(lines: Iterable<Item>, { limits: { texts } }: ClientParts): readonly Item[] => {
  const taken: Item[] = [];
  for (const line of lines) {
    if (taken.length === texts)
      throw new Problem(
        'Validation',
        `the body has more than ${texts} lines, which is the limit; send several requests`,
      );
    taken.push(line);
  }
  return taken;
};

const linesOf = function* (body: string): Generator<string> {
  for (let at = 0; at < body.length;) {
    const end = body.indexOf('\n', at);
    yield body.slice(at, end < 0 ? body.length : end);
    at = end < 0 ? body.length : end + 1;
  }
};

const jsonLines = (body: string, parts: ClientParts): readonly Line[] =>
  limited(linesOf(body), parts).map((line) => attempt(() => jsonLine(line, parts)));

/** A line is an input, or an object with `inputs`. */
const jsonLine = (line: string, { models, limits }: ClientParts): Questions => {
  const value = parseJson(line, valuesOf(limits));
  const hasInputs = isObject(value) && 'inputs' in value;
  const isEnvelope = hasInputs || (isObject(value) && 'question' in value);
  const fields = isEnvelope ? envelopeOf(value) : envelopeOf({ inputs: value });
  const model = models.find(modelNameOf(fields));
  const pointer = hasInputs ? '/inputs' : '';
  if (Array.isArray(fields.inputs)) throw invalid(pointer, 'a line should have one text, not a list');
  const inputs = [model.task.inputOf(fields.inputs, limits, pointer)];
  return { model, inputs, isSingle: true, parameters: parametersOf(model, fields.parameters) };
};

const csvQuestions = (body: string, header: boolean, parts: ClientParts): readonly Line[] => {
  const rows = limited(csvRows(body), parts);
  const [names, ...others] = rows;
  const model = parts.models.find();
  const columns = header && names !== undefined ? headerOf(names, model) : model.task.fields;
  return (header ? others : rows).map((row) => attempt(() => csvQuestion(row, columns, model, parts)));
};

/** The fields that the columns hold; `inputs`, as Hugging Face's containers have it, is the first one. */
const headerOf = (row: CsvRow, { task: { fields } }: ServedModel): readonly string[] => {
  if ('fault' in row) throw invalid('', `the header ${row.fault}`);
  const names = row.map((name) => (name.trim() === 'inputs' ? fields[0] : name.trim()));
  if (
    names.every((name) => fields.includes(name)) &&
    new Set(names).size === names.length &&
    names.includes(fields[0])
  )
    return names;
  throw invalid('', `the columns of the header should be ${fields.join(', ')}, of which the first is needed`);
};

const csvQuestion = (
  row: CsvRow,
  columns: readonly string[],
  model: ServedModel,
  { limits }: ClientParts,
): Questions => {
  if ('fault' in row) throw invalid('', `the line ${row.fault}`);
  if (row.length > columns.length)
    throw invalid(
      '',
      `the line has ${row.length} columns, and at most ${columns.length} have a meaning; a text with commas has to be in quotation marks`,
    );
  const input =
    row.length === 1
      ? row[0]
      : Object.fromEntries(row.map((field, index) => [must(columns[index], 'column'), field]));
  return { model, parameters: {}, isSingle: true, inputs: [model.task.inputOf(input, limits, '')] };
};

/** A line that is at fault is a line of the answer. */
const attempt = (questions: () => Questions): Line => {
  try {
    return { questions: questions() };
  } catch (error) {
    if (error instanceof Problem) return { error: { error: error.message, error_type: error.type } };
    throw error;
  }
};

/** What is said of each line, in their order. Those that ask the same model are asked together. */
const answerLines = async (
  lines: readonly Line[],
  parts: ClientParts,
  seen: Seen,
): Promise<readonly Said[]> => {
  const asked = Map.groupBy(
    lines.flatMap((line, index) => ('questions' in line ? [{ index, ...line.questions }] : [])),
    ({ model }) => model,
  );
  const said = lines.map((line): Said | undefined => ('error' in line ? line : undefined));
  seen.models = [...asked.keys()].map(({ id }) => id);
  seen.texts = lines.length;
  for (const [model, questions] of asked) {
    const answers = await parts.models.ask(model, questions.flatMap(askedInputs));
    questions.forEach(({ index, ...question }, position) => {
      said[index] = saidOf(question, answers[position]);
    });
  }
  return said.map((one) => one ?? { error: { error: 'the model left out the text', error_type: 'Backend' } });
};

const saidOf = (
  question: Questions,
  answer: Awaited<ReturnType<ClientParts['models']['ask']>>[number] | undefined,
): Said | undefined => {
  if (answer === undefined) return undefined;
  const reply = replyOf(answer, question);
  return 'error' in reply
    ? { error: inputError(reply.error) }
    : { json: reply.json, columns: question.model.task.columnsOf(reply.json) };
};

const hasHeader = (request: Request): boolean =>
  /;\s*header\s*=\s*"?present\b/i.test(request.headers.get('content-type') ?? '');

const wantsCsv = (request: Request): boolean =>
  (request.headers.get('accept') ?? '').trim().toLowerCase().startsWith('text/csv');

/** An error in CSV is in the third column, where the first two, label and score, are empty. */
const linesResponse = (said: readonly Said[], { models }: Seen, asCsv: boolean): Response => {
  const line = (one: Said): string => {
    if (asCsv) return csvLine('error' in one ? ['', '', one.error.error] : one.columns);
    return JSON.stringify('error' in one ? one.error : one.json);
  };
  return new Response(said.map((one) => `${line(one)}\n`).join(''), {
    headers: {
      'Content-Type': asCsv ? 'text/csv; charset=utf-8' : 'application/jsonlines',
      ...ANSWER_HEADERS,
      ...(models.length > 0 && { 'X-Model': models.join(', ') }),
    },
  });
};
