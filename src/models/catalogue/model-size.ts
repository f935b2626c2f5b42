import type { ModelFolder } from '../folder/model-folder.ts';
import { formatOf } from '../formats/formats.ts';

/** What a model takes in memory, in bytes, as its format estimates it. @throws ModelError where it has no graph */
export const estimatedBytes = (model: ModelFolder): number => formatOf(model).bytes(model);
