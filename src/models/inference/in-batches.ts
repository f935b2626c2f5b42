import pMap from 'p-map';
import { must, PermanentError } from '../../errors.ts';
import { type BatchLimits, planBatches } from './batches.ts';

/** Why there is no result for an item. */
export interface NoResult {
  readonly error: PermanentError;
}

export interface Batching<Item, Result> {
  readonly limits: BatchLimits;
  /** In tokens, or whatever the model pads. */
  readonly lengthOf: (item: Item) => number;
  /** Concurrent batches. */
  readonly concurrency?: number;
  /** Runs the model on one batch: one result per item, in their order. */
  readonly run: (items: readonly Item[]) => Promise<readonly (Result | NoResult)[]>;
  /** The message about an item that the model fails at, without its text. */
  readonly describe: (item: Item) => string;
}

/**
 * Runs a model on items in batches of similar length.
 *
 * @param items errors among them stay errors
 * @returns one result per item, in the order of the items
 */
export const inBatches = async <Item, Result>(
  items: readonly (Item | PermanentError)[],
  { limits, lengthOf, concurrency = 1, ...model }: Batching<Item, Result>,
): Promise<readonly (Result | NoResult)[]> => {
  const all = new Array<Result | NoResult>(items.length);
  const sound: { readonly item: Item; readonly position: number }[] = [];
  for (const [position, item] of items.entries()) {
    if (item instanceof PermanentError) all[position] = { error: item };
    else sound.push({ item, position });
  }
  const runBatch = async (batch: readonly number[]): Promise<void> => {
    const asked = batch.map((index) => must(sound[index], 'item of a batch'));
    const results = await isolated(
      asked.map(({ item }) => item),
      model,
    );
    for (const [row, { position }] of asked.entries()) {
      const result = results[row];
      if (result !== undefined) all[position] = result;
    }
  };
  const lengths = sound.map(({ item }) => lengthOf(item));
  const workOf = (batch: readonly number[]): number =>
    batch.reduce((total, index) => total + (lengths[index] ?? 0), 0);
  // The largest first, so that the last batches, when some threads have no work any more, are small.
  const batches = planBatches(lengths, limits).toSorted((a, b) => workOf(b) - workOf(a));
  await pMap(batches, runBatch, { concurrency });
  return all;
};

/** An item that the model fails at makes its whole batch fail: then each item runs alone, to find the one at fault. */
const isolated = async <Item, Result>(
  items: readonly Item[],
  model: Pick<Batching<Item, Result>, 'run' | 'describe'>,
): Promise<readonly (Result | NoResult)[]> => {
  try {
    return await model.run(items);
  } catch (cause) {
    if (items.length > 1) return (await Promise.all(items.map((item) => isolated([item], model)))).flat();
    return items.map((item) => ({
      error: new PermanentError('inference-failed', model.describe(item), { cause }),
    }));
  }
};
