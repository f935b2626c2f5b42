import { join } from 'node:path';
import { InferenceSession, Tensor } from '../../../src/models/inference/onnxruntime.ts';
import { openSessionPool } from '../../../src/models/inference/session-pool.ts';

const MODELS = join(import.meta.dirname, '..', '..', 'fixtures', 'transformers');
const BERT = join(MODELS, 'bert', '1', 'model.onnx');
const OPTIONS = { executionProviders: ['cpu'], intraOpNumThreads: 1 };

/** A batch of `texts` × `tokens` that is unlike others. */
const feedsOf = (names: readonly string[], texts: number, tokens: number): Record<string, Tensor> =>
  Object.fromEntries(
    names.map((name) => {
      const cells = Array.from({ length: texts * tokens }, (_, index) =>
        name === 'input_ids' ? BigInt(1 + ((texts + index) % 20)) : name === 'attention_mask' ? 1n : 0n,
      );
      return [name, new Tensor('int64', BigInt64Array.from(cells), [texts, tokens])];
    }),
  );

describe('a session pool', () => {
  it('gives for many runs at a time what one session gives for each', async () => {
    const alone = await InferenceSession.create(BERT, OPTIONS);
    const pool = await openSessionPool(BERT, 2, OPTIONS);
    try {
      expect(pool.inputMetadata).toEqual(alone.inputMetadata);
      expect(pool.outputNames).toEqual(alone.outputNames);
      const batches = Array.from({ length: 12 }, (_, index) =>
        feedsOf(alone.inputNames, 1 + (index % 5), 3 + (index % 4)),
      );
      const expected = [];
      for (const feeds of batches) expected.push((await alone.run(feeds, alone.outputNames)).logits?.data);
      const found = await Promise.all(batches.map((feeds) => pool.run(feeds, pool.outputNames)));
      expect(found.map(({ logits }) => logits?.data)).toEqual(expected);
      expect(found.map(({ logits }) => logits?.dims[0])).toEqual(
        batches.map(({ input_ids: ids }) => ids?.dims[0]),
      );
    } finally {
      await pool.release();
      await alone.release();
    }
  });

  it('tells of a run that fails, and goes on', async () => {
    const pool = await openSessionPool(BERT, 2, OPTIONS);
    try {
      const names = pool.inputMetadata.map(({ name }) => name);
      await expect(pool.run(feedsOf(names.slice(1), 1, 3), pool.outputNames)).rejects.toThrow(names[0] ?? '');
      await expect(pool.run(feedsOf(names, 1, 3), pool.outputNames)).resolves.toHaveProperty('logits');
    } finally {
      await pool.release();
    }
  });

  it('tells what ONNX Runtime says of a graph that cannot be opened', async () => {
    await expect(openSessionPool(join(MODELS, 'make.py'), 2, OPTIONS)).rejects.toThrow(/make\.py/);
  });
});
