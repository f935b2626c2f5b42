import { wire } from '../../wire.ts';
import type { BuiltFunction } from '../built-function.ts';
import { generateMessages } from '../input/messages.ts';

export interface ModelFigures {
  /** `name@version` */
  readonly model: string;
  readonly batches: readonly { readonly batchSize: number; readonly recordsPerSecond: number }[];
}

/** How fast the model is by itself: distinct texts in, labels out, by batch size. */
export const benchModel = async ({ environment }: BuiltFunction): Promise<ModelFigures> => {
  const { models } = wire({ ...environment });
  const { id } = models.resolve();
  const model = await models.load(id);
  const texts = [...generateMessages({ seed: 7, count: 20_000 })];
  await model.classify(texts.slice(0, 1_000));
  const batches = [];
  for (const batchSize of [1, 10, 100, 1_000]) {
    const some = texts.slice(0, batchSize < 10 ? 5_000 : texts.length);
    const from = performance.now();
    for (let start = 0; start < some.length; start += batchSize)
      await model.classify(some.slice(start, start + batchSize));
    batches.push({ batchSize, recordsPerSecond: some.length / ((performance.now() - from) / 1000) });
  }
  return { model: id, batches };
};
