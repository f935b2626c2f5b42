import { availableParallelism } from 'node:os';
import { must, PermanentError } from '../../errors.ts';
import { directoryModels } from '../../models/sources/directory.ts';
import { modelRegistry } from '../../models/catalogue/registry.ts';
import { loadModel } from '../../models/formats/formats.ts';
import { requireClassifiers } from '../classifies.ts';
import { predict, type Predicted } from '../../pipeline/predict.ts';
import { labelsOf } from '../../tasks/text-classification.ts';
import type { Model } from '../../tasks/model.ts';
import type { LabelAnswer } from '../../tasks/label-scores.ts';
import { textAttribute, textOf } from '../../tasks/item-text.ts';

/** One model's label of a text, or its error. */
export type TextLabel = { readonly model: Model } & (
  { readonly answer: LabelAnswer } | { readonly error: PermanentError }
);

/** Labels texts as the function does, in this process. */
export interface Labeller {
  readonly models: readonly Model[];
  /** Whether labels come as lists, too. */
  readonly lists: boolean;
  /**
   * @param texts a PermanentError in place of a text is returned as its result
   * @returns for each text the results of the models, in their order
   * @throws TransientError where a model fails as a whole
   */
  label(texts: readonly (string | PermanentError)[]): Promise<readonly (readonly TextLabel[])[]>;
}

export interface LabellerOptions {
  /** Of models, `<folder>/<name>/<version>`. */
  readonly folder: string;
  /** `name` or `name@version` */
  readonly names: readonly string[];
  /** The number of labels to list, instead of that of the model's manifest. */
  readonly topK?: number | undefined;
  /** The longest text. */
  readonly maxTextCharacters: number;
}

/**
 * Opens models as the function has them.
 *
 * @throws ModelError where one is not found or cannot be loaded, or two would write the same columns; UserError where
 *   one does not classify
 */
export const openLabeller = async ({
  folder,
  names,
  topK,
  maxTextCharacters,
}: LabellerOptions): Promise<Labeller> => {
  const registry = await openModels(folder, names, topK);
  const models = registry.resolve();
  requireClassifiers('npm run classify', models);

  const label: Labeller['label'] = async (given) => {
    const texts = given.map((text) =>
      typeof text === 'string' ? checkedText(text, maxTextCharacters) : text,
    );
    const answers = await predict(texts, undefined, registry);
    return answers.map((one) => models.map((model, index) => textLabel(model, resultBy(one, index))));
  };
  const [probe = []] = await label(['']);
  return { models, lists: probe.some((one) => 'answer' in one && one.answer.listed !== undefined), label };
};

/** The models of a folder, the default ones loaded, on all cores: the number of threads changes no score. */
const openModels = async (folder: string, defaultModels: readonly string[], topK?: number) => {
  const { models, faults } = await directoryModels(folder).list();
  const registry = modelRegistry(models, {
    defaultModels,
    faults,
    load: loadModel({ threads: availableParallelism(), ...(topK !== undefined && { topK }) }),
  });
  await registry.preload();
  return registry;
};

const TEXT = textAttribute('text');

const checkedText = (text: string, maxTextCharacters: number): string | PermanentError => {
  try {
    return textOf({ attribute: TEXT, path: TEXT.path, value: { S: text }, before: [] }, maxTextCharacters);
  } catch (error) {
    if (error instanceof PermanentError) return error;
    throw error;
  }
};

/** The result of a text's model; an error of the text is the result of each model. */
const resultBy = (predicted: Predicted, index: number): { error: Error } | { answer: LabelAnswer } => {
  const result = 'answers' in predicted ? must(predicted.answers[index], 'model') : predicted;
  return 'error' in result ? result : { answer: labelsOf(result.answer) };
};

const textLabel = (model: Model, result: ReturnType<typeof resultBy>): TextLabel => {
  if (!('error' in result)) return { model, answer: result.answer };
  if (result.error instanceof PermanentError) return { model, error: result.error };
  throw result.error;
};
