import { must } from '../../errors.ts';
import { chunks } from '../chunks.ts';
import { openLabeller, type TextLabel } from '../classify/labeller.ts';
import type { Message } from '../ingest/input/input.ts';
import { type CheckBench, openCheckBench } from '../model-check/check-model.ts';
import type { Reported } from '../report/report-file.ts';
import { UserError } from '../user-error.ts';
import { cascadeOf, compareSaid, type ComparedText, type Said } from './comparison.ts';
import { type Compared, comparisonSections, type ModelMeasures } from './sections.ts';
import type { ComparedTexts } from './texts.ts';

export interface CompareOptions {
  /** `name` or `name@version` of models in `models/`. */
  readonly models: readonly [string, string];
  readonly texts: ComparedTexts;
  /** The longest text. */
  readonly maxTextCharacters: number;
  /** Of the texts of both. */
  readonly onProgress?: (done: number, total: number) => void;
}

const BATCH = 100;

/** Texts that the speed is measured with. */
const MEASURED = 1_000;

/**
 * Lets two models classify the same texts, as the function does, and compares what they say.
 *
 * @param root the project's folder
 * @throws ModelError where a model is not found or cannot be used; UserError
 *   where both are the same, or one does not classify
 */
export const compareModels = async (root: string, options: CompareOptions): Promise<Reported & Compared> => {
  const { messages, source } = options.texts;
  const bench = await openCheckBench(root);
  const [first, second] = options.models.map((name) => must(bench.idsOf(name)[0], name));
  if (first === undefined || first === second)
    throw new UserError(`Both are ${first}: name two models to compare.`);
  const ids = [first, must(second, 'second model')] as const;
  const [one, other] = [await measured(bench, ids[0], messages), await measured(bench, ids[1], messages)];
  const said = { first: [] as Said[], second: [] as Said[] };
  const progress = () => options.onProgress?.(said.first.length + said.second.length, 2 * messages.length);
  await classifyAll(bench, ids[0], messages, options, (some) => (said.first.push(...some), progress()));
  await classifyAll(bench, ids[1], messages, options, (some) => (said.second.push(...some), progress()));

  const texts = messages.map(({ text, label }, index): ComparedText => ({
    text,
    label,
    first: must(said.first[index], 'answer'),
    second: must(said.second[index], 'answer'),
  }));
  const cascade = cascadeBy(one, other, texts);
  const found = { models: [one, other], ...compareSaid(texts), ...(cascade !== undefined && { cascade }) };
  return { ...found, sections: comparisonSections(found, source) };
};

const measured = async (
  bench: CheckBench,
  id: string,
  messages: readonly Message[],
): Promise<ModelMeasures> => {
  const texts = messages.slice(0, MEASURED).map(({ text }) => text);
  const { memoryMB, bytes, loadMs, speed } = await bench.check(id, { texts, labelled: [] }, { speed: true });
  const { single, hundred } = must(speed, 'speed');
  return {
    ...{ model: id, perSecond: Math.round(hundred), perSecondSingle: Math.round(single) },
    ...{ memoryMB, bytes, loadMs: Math.round(loadMs) },
  };
};

const classifyAll = async (
  { modelsDir }: CheckBench,
  id: string,
  messages: readonly Message[],
  { maxTextCharacters }: CompareOptions,
  onSaid: (said: readonly Said[]) => void,
): Promise<void> => {
  const labeller = await openLabeller({ folder: modelsDir, names: [id], maxTextCharacters });
  for (const batch of chunks(messages, BATCH)) {
    const answers = await labeller.label(batch.map(({ text }) => text));
    onSaid(answers.map(([answer]) => saidBy(must(answer, 'answer'))));
  }
};

const saidBy = (answer: TextLabel): Said => {
  if ('error' in answer) return { error: answer.error.code };
  const { label, score } = must(answer.answer.labels[0], 'label');
  return { label, score };
};

/** The cascade that asks the faster one first; undefined where no label is known. */
const cascadeBy = (
  one: ModelMeasures,
  other: ModelMeasures,
  texts: readonly ComparedText[],
): Compared['cascade'] => {
  const labelled = texts.filter(({ label }) => label !== undefined);
  if (labelled.length === 0) return undefined;
  const [quick, slow] = one.perSecond >= other.perSecond ? [one, other] : [other, one];
  const inOrder =
    quick === one ? labelled : labelled.map((text) => ({ ...text, first: text.second, second: text.first }));
  return {
    first: quick.model,
    second: slow.model,
    points: cascadeOf(inOrder, { first: quick.perSecond, second: slow.perSecond }),
  };
};
