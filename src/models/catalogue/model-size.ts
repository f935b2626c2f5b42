import type { ModelFolder } from '../folder/model-folder.ts';
import { formatOf } from '../formats/formats.ts';

/** The memory of a model, in bytes, as its format estimates it. @throws ModelError where it has no graph */
export const estimatedBytes = (model: ModelFolder): number => formatOf(model).bytes(model);
