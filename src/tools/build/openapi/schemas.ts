import * as z from 'zod';
import { ERROR_TYPES } from '../../../http/problem.ts';
import { envelope, teiFields } from '../../../http/schemas.ts';
import { httpTasks } from '../../../http/tasks/tasks.ts';

/** The schema, or one of the schemas where tasks have their own. */
const oneOf = (schemas: readonly z.ZodType[]): z.ZodType => {
  const [only, ...others] = schemas;
  return others.length === 0 && only !== undefined ? only : z.union(schemas);
};

const input = oneOf(httpTasks.map((task) => task.input));
const output = oneOf(httpTasks.map((task) => task.output));
const parameters = oneOf(httpTasks.map((task) => task.parameters));

const pipelineRequest = envelope
  .extend({
    inputs: z.union([input, z.array(input)]).describe('An input, or a list of inputs.'),
    parameters: parameters.nullish(),
  })
  .meta({ id: 'PipelineRequest' });

const teiRequest = envelope
  .extend({
    ...teiFields.shape,
    inputs: z
      .union([
        input,
        z.tuple([z.string(), z.string()]),
        z.array(z.union([z.array(z.string()).min(1).max(2), input])),
      ])
      .describe(
        'A text; two texts, a pair, only for models of pairs; or a batch, a list of lists of one or two texts.',
      ),
    parameters: parameters.nullish(),
  })
  .meta({ id: 'TextEmbeddingsInferenceRequest' });

const errorType = z.enum(ERROR_TYPES).meta({ id: 'ErrorType' });

const inputError = z
  .object({ error: z.string(), error_type: errorType })
  .meta({ id: 'InputError', description: 'Why one input of several has no answer.' });

const problem = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    error: z.string().describe('The same as `detail`, for clients that look for it.'),
    error_type: errorType,
    errors: z
      .array(
        z.object({
          pointer: z.string().describe('A JSON pointer into the body, or the name of a parameter.'),
          detail: z.string(),
          message: z.string().describe('Both.'),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457).' });

const answerOrError = z.union([output, inputError]);

/** For one text Hugging Face's clients want its labels within a list. */
const pipelineAnswer = z.array(answerOrError).meta({
  id: 'PipelineAnswer',
  description: 'A list of labels for each text, or its error; for one text, a list of one.',
});

const flatAnswer = z.union([output, z.array(answerOrError)]).meta({
  id: 'FlatAnswer',
  description: 'The labels of one text; for a batch, a list of them, or of errors.',
});

const limits = z.object({
  texts: z.int().describe('Texts of a request.'),
  characters: z.int().describe('Characters (Unicode code points) of a text.'),
  bytes: z.int().describe('Bytes of a body, as sent and decompressed.'),
  tokens: z.int().optional().describe('Tokens of a text, after which it is truncated.'),
});

const description = z
  .object({
    id: z.string().describe('`name@version`'),
    name: z.string(),
    version: z.string(),
    default: z.boolean().describe('Requests that name no model are answered by it.'),
    task: z.enum(httpTasks.map(({ name }) => name)),
    format: z.string(),
    pairs: z.boolean().describe('Whether it is a model of pairs of texts.'),
    labels: z.array(z.string()).optional(),
    limits,
    license: z.string().optional(),
    metrics: z
      .record(z.string(), z.number())
      .optional()
      .describe('What was measured of it, such as `accuracy`.'),
  })
  .meta({ id: 'Model' });

const describedModel = description
  .extend({ versions: z.array(z.string()).describe('All versions of this name.') })
  .meta({ id: 'ModelWithVersions' });

const info = z
  .object({
    model_id: z.string(),
    model_sha: z.null(),
    model_type: z.object({
      classifier: z.object({
        id2label: z.record(z.string(), z.string()),
        label2id: z.record(z.string(), z.int()),
      }),
    }),
    max_input_length: z.int().optional().describe('Tokens of a text.'),
    max_client_batch_size: z.int().describe('Texts of a request.'),
    version: z.string(),
  })
  .meta({ id: 'Info' });

const health = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });

const index = z
  .object({ name: z.string(), version: z.string(), models: z.array(z.string()), documentation: z.string() })
  .meta({ id: 'Index' });

/** The schemas of the API, those of the answers included. */
export const schemas = {
  pipelineRequest,
  teiRequest,
  pipelineAnswer,
  flatAnswer,
  problem,
  models: z.array(description).meta({ id: 'Models' }),
  describedModel,
  info,
  health,
  index,
} as const;

/** The schemas that the document names, as JSON Schema, by their ids. */
export const componentSchemas = (): Readonly<Record<string, unknown>> => {
  const { schemas: all } = z.toJSONSchema(z.globalRegistry, {
    io: 'input',
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(all)
      .map(([id, { $schema: _, $id: __, id: ___, ...schema }]) => [id, schema] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
};

/** A reference to a schema that has an id. */
export const refTo = (schema: z.ZodType): { readonly $ref: string } => {
  const { id } = z.globalRegistry.get(schema) ?? {};
  if (id === undefined) throw new Error('a schema of the API has no id');
  return { $ref: `#/components/schemas/${id}` };
};
