import { leavesOf } from '../formats/cascade.ts';
import type { ModelDetails } from '../formats/format.ts';
import { formatOf } from '../formats/formats.ts';
import type { ModelFolder } from '../folder/model-folder.ts';
import type { OtherModels } from '../loaded-model.ts';

/** What its folder says of a model; the labels of a cascade are those of its stages. @throws ModelError */
export const modelDetails = (model: ModelFolder, find: OtherModels['find']): ModelDetails => {
  const details = formatOf(model).details(model);
  if (details.labels !== undefined) return details;
  const [leaf] = leavesOf(model, find);
  return leaf === undefined ? details : { ...details, labels: formatOf(leaf).details(leaf).labels };
};
