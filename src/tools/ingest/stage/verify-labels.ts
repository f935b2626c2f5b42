import { labelsOf } from '../../../tasks/text-classification.ts';
import { classify } from '../../../pipeline/classify.ts';
import type { Document } from '../../../pipeline/items/document.ts';
import type { Models } from '../../../tasks/model.ts';
import { PermanentError } from '../../../errors.ts';
import type { Message } from '../input/input.ts';
import type { Expected } from './items.ts';
import type { FoundLabel } from './label-lookup.ts';

export interface LabelCheck {
  /** Items whose label is not the one that a fresh classification of their text gives. */
  readonly wrong: number;
  /** Items labelled by a model that this checkout does not have. */
  readonly unchecked: number;
  /** Of the messages that say what their label should be, how many got it, from 0 to 1; null where none does. */
  readonly accuracy: number | null;
  /** How many those are. */
  readonly accuracyItems: number;
  /** The ten most frequent labels. */
  readonly labels: readonly { readonly label: string; readonly items: number }[];
}

export interface LabelledInput {
  read(): AsyncIterable<Message>;
  at(position: number, message: Message): Expected;
  found(position: number): FoundLabel | undefined;
}

/** Texts classified at a time. */
const CHUNK = 500;

/** Classifies the input's texts anew, by the models that labelled them, and compares. It asks nothing of AWS. */
export const verifyLabels = async (input: LabelledInput, models: Models | undefined): Promise<LabelCheck> => {
  const labels = new Map<string, number>();
  const counts = { wrong: 0, unchecked: 0, expected: 0, right: 0 };
  let chunk: { document: Document; label: string }[] = [];
  const compare = async (): Promise<void> => {
    if (models === undefined) return;
    const fresh = await classify(
      chunk.map(({ document }) => document),
      models,
    );
    for (const [index, { label }] of chunk.entries()) {
      const answer = fresh[index]?.[0];
      if (answer === undefined || 'error' in answer || labelsOf(answer).labels[0]?.label !== label)
        counts.wrong += 1;
    }
    chunk = [];
  };
  let position = 0;
  for await (const message of input.read()) {
    const found = input.found(position);
    const { document } = input.at(position, message);
    position += 1;
    if (found === undefined || document === undefined) continue;
    labels.set(found.label, (labels.get(found.label) ?? 0) + 1);
    if (message.label !== undefined) counts.expected += 1;
    if (message.label === found.label) counts.right += 1;
    const model = models && modelOf(models, found.model);
    if (model === undefined) counts.unchecked += 1;
    else chunk.push({ document: { ...document, models: [model] }, label: found.label });
    if (chunk.length === CHUNK) await compare();
  }
  await compare();
  const top = [...labels].toSorted(([, a], [, b]) => b - a).slice(0, 10);
  return {
    wrong: counts.wrong,
    unchecked: counts.unchecked,
    accuracy: counts.expected > 0 ? counts.right / counts.expected : null,
    accuracyItems: counts.expected,
    labels: top.map(([label, items]) => ({ label, items })),
  };
};

const modelOf = (models: Models, id: string) => {
  try {
    return models.resolve([id])[0];
  } catch (error) {
    if (error instanceof PermanentError) return undefined;
    throw error;
  }
};
