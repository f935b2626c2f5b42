import { PermanentError } from '../errors.ts';
import type { ChangeRecord } from '../pipeline/decode.ts';
import { type Document, type DocumentSettings, itemOf, verdictOf } from '../pipeline/document.ts';
import type { Models } from '../pipeline/model.ts';

/** The document that a change leaves to be written about; undefined where there is nothing to write. */
export const documentOf = (
  change: ChangeRecord,
  models: Models,
  settings: DocumentSettings,
): Document | undefined => {
  try {
    const verdict = verdictOf(change, itemOf(change, '', settings), models, settings);
    return verdict.kind === 'document' ? verdict.document : undefined;
  } catch (error) {
    if (error instanceof PermanentError) return undefined;
    throw error;
  }
};
