import { labelsOf } from '../../../tasks/text-classification.ts';
import { classify } from '../../../pipeline/classify.ts';
import type { Document } from '../../../pipeline/items/document.ts';
import type { Models } from '../../../tasks/model.ts';
import { PermanentError } from '../../../errors.ts';
import type { Message } from '../input/input.ts';
import type { Expected } from './items.ts';
import type { ModelDrift } from '../verify/drift.ts';
import {
  type Accuracy,
  type LabelCount,
  type LabelQuality,
  labelTally,
  type ModelTally,
} from '../verify/label-tally.ts';
import type { TextLabel } from './label-lookup.ts';

export interface LabelCheck extends Accuracy {
  /** Items whose label is not the one that a fresh classification of their text gives. */
  readonly wrong: number;
  /** Items labelled by a model that this checkout does not have. */
  readonly unchecked: number;
  /** By the model that labelled them. */
  readonly models: readonly ModelTally[];
  /** The ten most frequent labels. */
  readonly labels: readonly LabelCount[];
  /** Null where the input has no expected labels. */
  readonly quality: LabelQuality | null;
  /** Of each model; compared with the reference in this checkout. */
  readonly drift: readonly ModelDrift[];
}

export interface LabelledInput {
  read(): AsyncIterable<Message>;
  at(position: number, message: Message): Expected;
  found(position: number): TextLabel | undefined;
}

/** Texts classified at a time. */
const CHUNK = 500;

/** Classifies the input's texts again, with the models that labelled them, and compares. It makes no calls to AWS. */
export const verifyLabels = async (input: LabelledInput, models: Models | undefined): Promise<LabelCheck> => {
  const tally = labelTally();
  let wrong = 0;
  let unchecked = 0;
  let labelled: Labelled[] = [];
  const compare = async (): Promise<void> => {
    if (models !== undefined) wrong += await countWrong(labelled, models);
    labelled = [];
  };
  let position = 0;
  for await (const message of input.read()) {
    const found = input.found(position);
    const { document } = input.at(position, message);
    position += 1;
    if (found === undefined || document === undefined) continue;
    const model = models && modelOf(models, found.model);
    tally.add(found, message.label, model?.reference);
    if (model === undefined) {
      unchecked += 1;
      continue;
    }
    labelled.push({ document: { ...document, models: [model] }, label: found.label });
    if (labelled.length === CHUNK) await compare();
  }
  await compare();
  return {
    ...{ wrong, unchecked, ...tally.accuracy() },
    ...{ models: tally.models(), labels: tally.top(10), quality: tally.quality(), drift: tally.drift() },
  };
};

interface Labelled {
  readonly document: Document;
  readonly label: string;
}

const countWrong = async (labelled: readonly Labelled[], models: Models): Promise<number> => {
  const fresh = await classify(
    labelled.map(({ document }) => document),
    models,
  );
  return labelled.filter(({ label }, index) => {
    const answer = fresh[index]?.[0];
    return answer === undefined || 'error' in answer || labelsOf(answer).labels[0]?.label !== label;
  }).length;
};

const modelOf = (models: Models, id: string) => {
  try {
    return models.resolve([id])[0];
  } catch (error) {
    if (error instanceof PermanentError) return undefined;
    throw error;
  }
};
