import type { Label } from '../../src/tasks/label-scores.ts';
import { join } from 'node:path';
import { inputOf, mismatches, readExamples } from '../../src/tools/stage/models/examples.ts';
import { modelsBelow } from '../../src/models/sources/directory.ts';
import { modelId } from '../../src/models/folder/model-folder.ts';
import {
  answerVerifyRequest,
  verification,
  type VerifyAnswer,
  type VerifyRequest,
} from '../../src/pipeline/verify-request.ts';
import { wire } from '../../src/wire/classify-stream.ts';
import { toyModels } from '../support/fakes.ts';

const MODELS = join(import.meta.dirname, '..', '..', 'models');

describe('every model of models/', () => {
  it.each(modelsBelow(MODELS).models.map(({ folder, manifest }) => [modelId(manifest), folder]))(
    '%s says of its golden examples what they expect',
    async (id, folder) => {
      const parts = await wire({
        MODEL: id,
        MODELS_DIR: MODELS,
        DOCUMENTS_TABLE: 'none',
        REJECTS_TABLE: 'none',
      });
      const examples = await readExamples(folder);
      expect(examples.length).toBeGreaterThanOrEqual(5);
      const texts = examples.map(inputOf);
      const answer = await answerVerifyRequest({ labelstream: 'verify', texts }, parts, '1');
      expect(answer).toMatchObject({ model: id, version: '1' });
      expect(
        mismatches(examples, answer.predictions as unknown as VerifyAnswer<Label>['predictions']),
      ).toEqual([]);
    },
    60_000,
  );
});

describe('a request to verify', () => {
  const models = toyModels();
  const parts = { models };
  const context = { functionVersion: '3' };
  const ask = (event: unknown) => verification(async () => parts)({ event, context });

  it('is answered by the model of records that name none, with the version that answers', async () => {
    const id = models.resolve()[0]?.id;
    expect(await ask({ labelstream: 'verify', texts: [] })).toEqual({
      model: id,
      version: '3',
      predictions: [],
    });
  });

  it.each([undefined, null, 'text', [1], [['nested']], [{ text: 'a' }], {}])(
    'is refused with texts %p',
    async (texts) => {
      await expect(ask({ labelstream: 'verify', texts })).rejects.toThrow('texts should be a list of inputs');
    },
  );

  it.each([{ Records: [] }, null, [], { labelstream: 'other' }, 'verify'])('is not %p', async (event) => {
    expect(await ask(event)).toBeUndefined();
  });

  it('says which error a record with such a text would get', async () => {
    const request: VerifyRequest = { labelstream: 'verify', texts: ['NaN'] };
    expect((await answerVerifyRequest(request, parts, '1')).predictions).toEqual([{ error: 'bad-score' }]);
  });
});

describe('mismatches', () => {
  const example = { text: 'a', label: 'x', score: 0.5 };
  it.each([
    ['the same', [{ label: 'x', score: 0.5 }], 0],
    ['a score that is off by less than the tolerance', [{ label: 'x', score: 0.5009 }], 0],
    ['a score that is off by more', [{ label: 'x', score: 0.5011 }], 1],
    ['no number', [{ label: 'x', score: Number.NaN }], 1],
    ['another label', [{ label: 'y', score: 0.5 }], 1],
    ['an error', [{ error: 'bad-score' }], 1],
    ['no answer', [], 1],
  ])('are found in %s or not', (_, predictions, count) => {
    expect(mismatches([example], predictions)).toHaveLength(count);
  });
});
