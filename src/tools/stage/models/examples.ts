import { ModelError } from '../../../errors.ts';
import { type Example, readExamples as read } from '../../../models/folder/examples.ts';
import { UserError } from '../../user-error.ts';

export {
  type Example,
  hasExamples,
  inputOf,
  type Mismatch,
  mismatches,
  mismatchLines,
  mismatchText,
  type TextExample,
} from '../../../models/folder/examples.ts';

const ADVICE =
  'labelstream-export (models/export/) writes it; by hand it is a list, ' +
  '[{ "text": "my card is lost", "label": "lost_card", "score": 0.97 }], and `npm run model -- check` reports what ' +
  'the model answers instead.';

/**
 * Reads `<folder>/examples.json`.
 * @throws UserError that names the file, where it is missing or not a list of examples
 */
export const readExamples = async (folder: string): Promise<readonly Example[]> => {
  try {
    return read(folder);
  } catch (cause) {
    if (!(cause instanceof ModelError)) throw cause;
    throw new UserError(`${cause.message}. ${ADVICE}`, { cause });
  }
};
