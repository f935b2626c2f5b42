import { join } from 'node:path';
import { must } from '../../src/errors.ts';
import { labelsOf } from '../../src/tasks/text-classification.ts';
import { wirePredict } from '../../src/wire/predict.ts';
import { wireServer } from '../../src/wire/server.ts';

const MODELS_DIR = join(import.meta.dirname, '..', '..', 'models');

/** Of all lengths, more than a batch takes. */
const TEXTS = Array.from(
  { length: 150 },
  (_, index) => `I lost my card ${'again '.repeat(index % 13)}${index % 40}`,
);

describe.each(['banking77-tfidf', 'banking77-minilm'])('the models of a server: %s', (MODEL) => {
  it('give the scores of the function to the last bit, for one large request and for many small ones', async () => {
    const env = { MODEL, MODELS_DIR };
    const [server, plain] = await Promise.all([wireServer(env), wirePredict(env)]);
    const id = must(plain.models.resolve()[0], 'model').id;
    const scoresBy = async (models: typeof plain.models, texts: readonly string[]) => {
      const predictions = await (await models.load(id)).classify(texts);
      return predictions.map((one) => {
        if ('error' in one) throw one.error;
        return [...must(labelsOf(one).scores, 'scores').values];
      });
    };
    const expected = await scoresBy(plain.models, TEXTS);
    const [large, ...small] = await Promise.all([
      scoresBy(server.models, TEXTS),
      ...TEXTS.map((text) => scoresBy(server.models, [text])),
    ]);
    expect(large).toEqual(expected);
    expect(small.flat()).toEqual(expected);
  });
});
