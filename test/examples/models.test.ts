import { join } from 'node:path';
import { answerVerifyRequest, type VerifyAnswer } from '../../src/pipeline/verify-request.ts';
import type { Label } from '../../src/tasks/label-scores.ts';
import { mismatches, readExamples, type TextExample } from '../../src/tools/stage/models/examples.ts';
import { wire } from '../../src/wire/classify-stream.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples');

describe.each([
  ['scikit-learn', 'cards', ['card', 'pin', 'transfer']],
  ['transformer', 'tiny-bert', ['card', 'cash', 'transfer', 'other']],
])('examples/%s', (example, name, labels) => {
  const models = join(EXAMPLES, example, 'models');

  it('has a model folder that the function loads, and that says of its golden examples what they expect', async () => {
    const parts = await wire({
      MODEL: name,
      MODELS_DIR: models,
      DOCUMENTS_TABLE: 'none',
      REJECTS_TABLE: 'none',
    });
    const examples = (await readExamples(join(models, name, '1'))) as readonly TextExample[];
    expect(examples.length).toBeGreaterThanOrEqual(5);
    for (const { label } of examples) expect(labels).toContain(label);
    const texts = examples.map(({ text }) => text);
    const answer = await answerVerifyRequest({ labelstream: 'verify', texts }, parts, '1');
    expect(answer).toMatchObject({ model: `${name}@1` });
    expect(mismatches(examples, answer.predictions as unknown as VerifyAnswer<Label>['predictions'])).toEqual(
      [],
    );
  });
});
