import { PermanentError, type RejectCode } from '../../../errors.ts';
import type { ChangeRecord } from '../../../pipeline/records/decode.ts';
import { type Document, type DocumentSettings, itemOf, verdictOf } from '../../../pipeline/items/document.ts';
import type { Models } from '../../../tasks/model.ts';

/** The document of a change whose labels are to be written; undefined where there is nothing to write. */
export const documentOf = (
  change: ChangeRecord,
  models: Models,
  settings: DocumentSettings,
): Document | undefined => documentOrCode(change, models, settings).document;

/** The document of a change; with a `code` where the function will reject it. */
export interface Outlook {
  readonly document?: Document;
  readonly code?: RejectCode;
}

/** Like `documentOf`, and whether the function will reject the change. A reject may have an error to write. */
export const documentOrCode = (change: ChangeRecord, models: Models, settings: DocumentSettings): Outlook => {
  try {
    const verdict = verdictOf(change, itemOf(change, '', settings), models, settings);
    if (verdict.kind !== 'document') return {};
    const { document } = verdict;
    return document.input instanceof PermanentError ? { document, code: document.input.code } : { document };
  } catch (error) {
    if (error instanceof PermanentError) return { code: error.code };
    throw error;
  }
};
