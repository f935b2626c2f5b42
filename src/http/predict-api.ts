import { Hono } from 'hono/tiny';
import type { ModelFolder } from '../models/folder/model-folder.ts';
import { predict } from '../pipeline/predict.ts';
import type { Models } from '../tasks/model.ts';
import { type Label, ranked } from '../tasks/label-scores.ts';
import { labelsOf } from '../tasks/text-classification.ts';
import { must } from '../errors.ts';

/** What the API works with. */
export interface PredictParts {
  /** Loaded to keep the scores of all labels. */
  readonly models: Models;
  /** The models that requests can name. */
  readonly catalogue: readonly ModelFolder[];
  readonly limits: RequestLimits;
}

export interface RequestLimits {
  /** Texts of a request. */
  readonly texts: number;
  /** Characters (Unicode code points) of a text. */
  readonly characters: number;
  /** Bytes of a body, decompressed. */
  readonly bytes: number;
}

/** The prediction API, from `Request` to `Response`: it does not know its host. */
export const predictApi = ({ models }: PredictParts): Hono => {
  const api = new Hono();
  api.post('/', async (context) => {
    const { inputs } = await context.req.json<{ inputs: string }>();
    const predicted = must((await predict([inputs], undefined, models))[0], 'prediction');
    const [first] = 'answers' in predicted ? predicted.answers : [];
    if (first === undefined || 'error' in first) return context.json({ error: 'no answer' }, 422);
    const { values, labels, activation } = must(labelsOf(first.answer).scores, 'scores');
    const all: readonly Label[] = ranked(values, labels, activation);
    return context.json([all]);
  });
  return api;
};
