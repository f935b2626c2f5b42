import type { Model } from '../tasks/model.ts';
import { textClassification } from '../tasks/text-classification.ts';
import { UserError } from './user-error.ts';

/**
 * For what is about texts and their labels only.
 *
 * @param what needs models that classify: `npm start`
 * @throws UserError that names a model for another task
 */
export const requireClassifiers = (what: string, models: readonly Model[]): void => {
  const other = models.find(({ task }) => task !== textClassification.name);
  if (other === undefined) return;
  throw new UserError(
    `${what} is about texts and their labels, and model ${other.id} is for ${other.task}. Name a model that classifies ` +
      'texts with --model; files of questions are answered by "npm run batch".',
  );
};
