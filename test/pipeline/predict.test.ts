import { PermanentError, TransientError } from '../../src/errors.ts';
import { predict } from '../../src/pipeline/predict.ts';
import { labelsOf } from '../../src/tasks/text-classification.ts';
import { toyModels } from '../support/fakes.ts';

const run = async (
  inputs: Parameters<typeof predict>[0],
  names?: readonly string[],
  failing: readonly string[] = [],
) => {
  const models = Object.assign(toyModels(), { failing });
  const results = await predict(inputs, names, models);
  const said = results.map((one) =>
    'error' in one
      ? one.error.code
      : one.answers.map((each) =>
          'error' in each ? each.error : `${each.model.id} ${labelsOf(each.answer).labels[0]?.label}`,
        ),
  );
  return { said, asked: models.asked };
};

describe('predict', () => {
  it('gives one result per input, in their order, and asks about equal ones once', async () => {
    const { said, asked } = await run(['a', 'bb', 'a']);
    expect(said).toEqual([['toy@1 length-1'], ['toy@1 length-2'], ['toy@1 length-1']]);
    expect(asked).toEqual(['toy@1 a', 'toy@1 bb']);
  });

  it('asks each of the models that are named', async () => {
    const { said } = await run(['a'], ['toy', 'tone']);
    expect(said).toEqual([['toy@1 length-1', 'tone@1 tone@1 length-1']]);
  });

  it('leaves errors where they are', async () => {
    const error = new PermanentError('text-too-long', 'too long');
    const { said, asked } = await run([error, 'a', 'NaN']);
    expect(said).toEqual(['text-too-long', ['toy@1 length-1'], [expect.any(PermanentError)]]);
    expect(asked).toEqual(['toy@1 a', 'toy@1 NaN']);
  });

  it('says of every input that a model is unknown', async () => {
    expect((await run(['a', 'b'], ['nobody'])).said).toEqual(['unknown-model', 'unknown-model']);
  });

  it('says which model failed as a whole', async () => {
    const { said } = await run(['a'], ['toy', 'tone'], ['toy@1']);
    expect(said).toEqual([[expect.any(TransientError), 'tone@1 tone@1 length-1']]);
  });

  it('has nothing to do for nothing', async () => {
    expect(await run([])).toEqual({ said: [], asked: [] });
  });
});
