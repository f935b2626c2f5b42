/**
 * A process of the tests, with the arguments FOLDER THREADS: runs every model of a folder on a text, and again a little
 * later. The exit status is 0 if each gave a label.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { directoryModels } from '../../src/models/sources/directory.ts';
import { loadSklearn } from '../../src/models/formats/sklearn.ts';
import { loadTransformer } from '../../src/models/formats/transformer.ts';

const [folder = '', threads = '1'] = process.argv.slice(2);

const loaded = directoryModels(folder).models.flatMap((model) => {
  if (model.manifest.format === 'sklearn') return [loadSklearn(model)];
  return model.manifest.format === 'transformer'
    ? [loadTransformer(model, { threads: Number(threads) })]
    : [];
});
const models = await Promise.all(loaded);
for (const pauseMs of [300, 0]) {
  for (const { id, classify } of models) {
    const [prediction] = await classify(['my card is lost']);
    if (prediction === undefined || 'error' in prediction) throw new Error(`${id} gave no label`);
  }
  await sleep(pauseMs);
}
for (const { release } of models) await release?.();
