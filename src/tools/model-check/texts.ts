import type { Input, Model } from '../../tasks/model.ts';
import { taskOf } from '../../tasks/tasks.ts';
import { InputError } from '../ingest/input/input-error.ts';
import { type Columns, type LabelledMessage, readMessages } from '../ingest/input/input.ts';
import { generateMessages } from '../ingest/input/messages.ts';

/** The texts for the checks of a model. */
export interface CheckTexts {
  /** Texts to measure with; generated ones if none are given. */
  readonly texts: readonly string[];
  /** Texts whose labels are known. */
  readonly labelled: readonly LabelledMessage[];
}

/** Texts as a model takes them. */
export const inputsFor = (model: Model, texts: readonly string[]): readonly Input[] =>
  texts.map(taskOf(model).inputAbout);

const MEASURED = 1_000;

/** Messages of bank customers. */
export const GENERATED: readonly string[] = [...generateMessages({ seed: 1, count: MEASURED })];

/**
 * Reads the texts of a file and, where it has them, the expected labels.
 *
 * @throws InputError naming file and line where it cannot be used, or has no label at all
 */
export const readCheckTexts = async (file: string, columns: Columns): Promise<CheckTexts> => {
  const texts: string[] = [];
  const labelled: LabelledMessage[] = [];
  for await (const { text, label } of readMessages(file, columns)) {
    if (texts.length < MEASURED) texts.push(text);
    if (label !== undefined) labelled.push({ text, label });
  }
  const { labelColumn } = columns;
  if (labelColumn !== undefined && labelled.length === 0) {
    throw new InputError('no record has a label; name another column', { file, column: labelColumn });
  }
  return { texts, labelled };
};
