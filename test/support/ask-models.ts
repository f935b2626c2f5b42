import { PermanentError, TransientError } from '../../src/errors.ts';
import { predict } from '../../src/pipeline/predict.ts';
import type { Models } from '../../src/tasks/model.ts';
import type { LabelAnswer } from '../../src/tasks/label-scores.ts';

/**
 * Asks as the pipeline does: the versions in use are taken up, and names that are not known are looked for, once.
 *
 * @returns the label, or the error why there is none
 */
export const ask = async (models: Models, text: string, names?: readonly string[]): Promise<unknown> => {
  await models.renew?.();
  const once = (): Promise<unknown> => askOnce(models, text, names);
  const first = await once();
  return (await models.renew?.()) === true ? once() : first;
};

const askOnce = async (models: Models, text: string, names?: readonly string[]): Promise<unknown> => {
  try {
    const [predicted] = await predict([text], names, models);
    if (predicted === undefined) return undefined;
    if ('error' in predicted) return predicted.error;
    const [answer] = predicted.answers;
    if (answer === undefined) return undefined;
    return 'error' in answer ? answer.error : (answer.answer as LabelAnswer).labels[0]?.label;
  } catch (error) {
    if (error instanceof PermanentError || error instanceof TransientError) return error;
    throw error;
  }
};
