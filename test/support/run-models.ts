/**
 * A process of the tests, with the arguments FOLDER THREADS: runs every model of a folder on a text, and again a little
 * later. The exit status is 0 if each gave an answer.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { directoryModels } from '../../src/models/sources/directory.ts';
import { cascade } from '../../src/models/formats/cascade.ts';
import { loadModel } from '../../src/models/formats/formats.ts';
import { NO_OTHERS } from '../../src/models/loaded-model.ts';
import { taskOf } from '../../src/tasks/tasks.ts';

const [folder = '', threads = '1'] = process.argv.slice(2);

const { models: folders } = await directoryModels(folder).list();
const loading = folders.flatMap((model) =>
  model.manifest.format === cascade.name ? [] : [loadModel({ threads: Number(threads) })(model, NO_OTHERS)],
);
const models = await Promise.all(loading);
for (const pauseMs of [300, 0]) {
  for (const model of models) {
    const [prediction] = await model.classify([taskOf(model).inputAbout('my card is lost')]);
    if (prediction === undefined || 'error' in prediction) throw new Error(`${model.id} gave no answer`);
  }
  await sleep(pauseMs);
}
for (const { release } of models) await release?.();
