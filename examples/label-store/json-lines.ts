import { appendFile } from 'node:fs/promises';
import { TransientError } from '../../src/errors.ts';
import type { LabelStore, LabelWrite } from '../../src/pipeline/destinations.ts';

/** A line of the file. The last line of an item, a model and a hash counts. */
export interface LabelLine {
  /** The item's table and key. */
  readonly item: string;
  /** `name@version` */
  readonly model: string;
  /** Of the text that the answer belongs to. */
  readonly hash: string;
  /** What the model says, or the code of the error. */
  readonly answer: object;
}

/**
 * Labels as JSON lines, appended to a file. A line belongs to an item, a model and the hash of a text: duplicates and
 * reordering do no harm, and a reader looks for the hash of the text that the item holds now.
 */
export const jsonLinesLabels = (file: string): LabelStore => ({
  put: async (writes, { signal } = {}) => {
    const lines = writes.map(linesOf);
    try {
      signal?.throwIfAborted();
      await appendFile(file, lines.flat().join(''));
    } catch (cause) {
      const error = new TransientError('labels could not be appended to the file', { cause });
      return writes.map(() => ({ kind: 'failed', error }));
    }
    return lines.map(({ length }) => ({ kind: length > 0 ? 'labelled' : 'unchanged' }));
  },
});

const linesOf = ({ document: { item, hash }, labels }: LabelWrite): readonly string[] =>
  labels.flatMap(({ model, answer }) => {
    // The item has no text any more: no line says so, and no reader looks for the old one.
    if (answer === undefined) return [];
    const said = 'error' in answer ? { error: answer.error.code } : answer;
    const line: LabelLine = { item: item.name, model: model.id, hash, answer: said };
    return [`${JSON.stringify(line)}\n`];
  });
