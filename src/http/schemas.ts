import * as z from 'zod';

/** The fields of a JSON body, whoever the client is; the task says what `inputs` and `parameters` are. */
export const envelope = z.object({
  inputs: z.unknown().optional(),
  question: z.unknown().optional().describe('Instead of `inputs`, together with `context`.'),
  context: z.unknown().optional().describe('Instead of `inputs`, together with `question`.'),
  parameters: z.unknown().optional(),
  model: z.string().nullish().describe('The model, `name` or `name@version`; the default one if left out.'),
  model_type: z.string().nullish().describe('The same as `model`.'),
});

export type Envelope = z.infer<typeof envelope>;

/** The fields that Text Embeddings Inference has besides. */
export const teiFields = z.object({
  raw_scores: z.boolean().nullish().describe("The model's own scores instead of probabilities."),
  truncate: z
    .boolean()
    .nullish()
    .describe('`false`: a text that is longer than the model takes is an error; otherwise it is truncated.'),
  truncation_direction: z
    .literal(['Right', 'right'])
    .nullish()
    .describe("The model's tokenizer decides which side it truncates."),
});
