import { availableParallelism } from 'node:os';
import { PermanentError } from '../../errors.ts';
import { directoryModels } from '../../models/sources/directory.ts';
import { modelRegistry } from '../../models/catalogue/registry.ts';
import { loadModel } from '../../models/formats/formats.ts';
import { type Classification, classify } from '../../pipeline/classify.ts';
import type { Answer, Label, Model } from '../../tasks/model.ts';
import { textAttribute, textOf } from '../../pipeline/items/text.ts';

/** What one model says of a text, or why it says nothing. */
export type TextLabel = { readonly model: Model } & (
  { readonly answer: Answer } | { readonly error: PermanentError }
);

/** Labels texts as the function does, in this process. */
export interface Labeller {
  readonly models: readonly Model[];
  /** Whether labels come as lists, too. */
  readonly lists: boolean;
  /**
   * @param texts a PermanentError instead of one stands for itself
   * @returns for each text what each of the models says, in their order
   * @throws TransientError where a model fails as a whole
   */
  label(texts: readonly (string | PermanentError)[]): Promise<readonly (readonly TextLabel[])[]>;
}

export interface LabellerOptions {
  /** Of models, `<folder>/<name>/<version>`. */
  readonly folder: string;
  /** `name` or `name@version` */
  readonly names: readonly string[];
  /** How many labels to list, instead of as many as the model's manifest says. */
  readonly topK?: number | undefined;
  /** The longest text. */
  readonly maxTextCharacters: number;
}

/**
 * Opens models as the function has them.
 *
 * @throws ModelError where one is not there or cannot be loaded, or two would write the same columns
 */
export const openLabeller = async ({
  folder,
  names,
  topK,
  maxTextCharacters,
}: LabellerOptions): Promise<Labeller> => {
  const registry = await openModels(folder, names);
  // Most probable labels are scored in another way, whose rounding may differ in the last digit: the label itself is
  // always the function's.
  const ranking = topK === undefined ? undefined : await openModels(folder, names, topK);
  const models = registry.resolve();

  const said = async (texts: readonly string[], from: typeof registry) =>
    classify(
      texts.map((text) => ({ text, models })),
      from,
    );
  const label: Labeller['label'] = async (given) => {
    const checked = given.map((text) =>
      typeof text === 'string' ? checkedText(text, maxTextCharacters) : text,
    );
    const texts = checked.filter((text) => typeof text === 'string');
    const answers = await said(texts, registry);
    const ranked = ranking === undefined ? [] : await said(texts, ranking);
    let next = 0;
    return checked.map((text) => {
      if (text instanceof PermanentError) return models.map((model) => ({ model, error: text }));
      const position = next++;
      return models.map((model, index) =>
        textLabel(model, answers[position]?.[index], ranked[position]?.[index], topK),
      );
    });
  };
  const [probe = []] = await label(['']);
  return { models, lists: probe.some((one) => 'answer' in one && one.answer.listed !== undefined), label };
};

/** The models of a folder, the default ones loaded, on all cores: how many threads run them changes no score. */
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

const textLabel = (
  model: Model,
  classification: Classification | undefined,
  ranked: Classification | undefined,
  topK: number | undefined,
): TextLabel => {
  if (classification === undefined) throw new Error(`${model.id} left out a text`);
  if ('error' in classification) {
    if (classification.error instanceof PermanentError) return { model, error: classification.error };
    throw classification.error;
  }
  if (ranked === undefined || topK === undefined) return { model, answer: classification };
  const others = 'labels' in ranked ? ranked.labels : [];
  return { model, answer: { ...classification, listed: listOf(classification.labels, others, topK) } };
};

/** The label itself first, then the others by their rank. */
const listOf = ([first]: readonly Label[], ranked: readonly Label[], topK: number): readonly Label[] =>
  first === undefined
    ? ranked
    : [first, ...ranked.filter(({ label }) => label !== first.label)].slice(0, topK);
