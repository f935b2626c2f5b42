import { formatOf } from '../../../models/formats/formats.ts';
import { leavesOf } from '../../../models/formats/cascade.ts';
import { directoryModels } from '../../../models/sources/directory.ts';
import { modelChoice } from '../../../models/catalogue/choose-models.ts';
import { InputError } from './input-error.ts';
import type { Survey } from './survey.ts';

/** The number of labels that a message names. */
const EXAMPLES = 3;

/**
 * Refuses a label column without a value that is a label of any of the models: an accuracy of 0 % would be useless.
 *
 * @param folder of models, `<folder>/<name>/<version>`
 * @param names of the models, `name` or `name@version`
 * @throws InputError naming the column and some labels of the models; ModelError where a model is not found
 */
export const checkLabelColumn = async (
  { taken: { file }, labels }: Survey,
  column: string,
  { folder, names }: { readonly folder: string; readonly names: readonly string[] },
): Promise<void> => {
  const { models, faults } = await directoryModels(folder).list();
  const { defaults, find } = modelChoice(models, { defaultModels: names, faults });
  const known = new Set(
    defaults
      .flatMap((model) => leavesOf(model, find))
      .flatMap((leaf) => leaf.manifest.labels ?? formatOf(leaf).details(leaf).labels ?? []),
  );
  if (labels.some((label) => known.has(label))) return;
  const place = { file, column };
  if (labels.length === 0) throw new InputError('no label in it; name the column that has them', place);
  const examples = [...known].slice(0, EXAMPLES).map((label) => JSON.stringify(label));
  const more = known.size > EXAMPLES ? ` and ${known.size - EXAMPLES} more` : '';
  const first =
    labels.length === 1 ? 'its only value is not' : `none of its first ${labels.length} values is`;
  throw new InputError(
    `${first} a label of ${defaults.map(({ id }) => id).join(', ')}, which gives ${examples.join(', ')}${more}; ` +
      'name the column of the labels, or the model that gives them (--model)',
    place,
  );
};
