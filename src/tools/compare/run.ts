import { openCheckBench } from '../model-check/check-model.ts';
import { readMessages } from '../ingest/input/input.ts';
import type { Message } from '../ingest/input/input.ts';
import { InputError } from '../ingest/input/input-error.ts';
import { openLabeller, type TextLabel } from '../classify/labeller.ts';
import { chunks } from '../chunks.ts';
import { UserError } from '../user-error.ts';
import { cascadeOf, compareSaid, type ComparedText, type Said } from './comparison.ts';
import { type Compared, comparisonSections } from './sections.ts';
import type { Reported } from '../report/report-file.ts';

export interface CompareOptions {
  /** `name` or `name@version` of models in `models/`. */
  readonly models: readonly [string, string];
  readonly input: string;
  readonly textColumn?: string | undefined;
  readonly labelColumn?: string | undefined;
  /** The longest text. */
  readonly maxTextCharacters: number;
  readonly onProgress?: (done: number, total: number) => void;
}

const BATCH = 100;

/**
 * Lets two models classify the same texts, as the function does, and compares what they say.
 *
 * @param root the project's folder
 * @throws InputError where the file cannot be used; ModelError where a model is not found or cannot be used; UserError
 *   where both are the same, or one does not classify
 */
export const compareModels = async (root: string, options: CompareOptions): Promise<Reported & Compared> => {
  const { input, textColumn, labelColumn, onProgress } = options;
  const messages: Message[] = [];
  for await (const message of readMessages(input, { textColumn, labelColumn })) messages.push(message);
  if (labelColumn !== undefined && messages.every(({ label }) => label === undefined))
    throw new InputError('no record has a label; name another column', { file: input, column: labelColumn });

  const bench = await openCheckBench(root);
  const [first = '', second = ''] = options.models.flatMap((name) => bench.idsOf(name));
  if (first === second) throw new UserError(`Both are ${first}: name two models to compare.`);
  const sample = messages.slice(0, 1_000).map(({ text }) => text);
  const checked = [];
  for (const id of [first, second])
    checked.push(await bench.check(id, { texts: sample, labelled: [] }, { speed: true }));

  const said: (readonly Said[])[] = [];
  for (const [index, id] of [first, second].entries()) {
    const labeller = await openLabeller({
      folder: bench.modelsDir,
      names: [id],
      maxTextCharacters: options.maxTextCharacters,
    });
    const labels: Said[] = [];
    for (const batch of chunks(messages, BATCH)) {
      const answers = await labeller.label(batch.map(({ text }) => text));
      labels.push(...answers.map(([answer]) => saidBy(answer)));
      onProgress?.(index * messages.length + labels.length, 2 * messages.length);
    }
    said.push(labels);
  }
  const texts = messages.map(({ text, label }, index): ComparedText => ({
    text,
    label,
    first: said[0]?.[index] ?? NOTHING,
    second: said[1]?.[index] ?? NOTHING,
  }));
  const measures = checked.map(({ id, memoryMB, bytes, loadMs, speed }) => ({
    ...{ model: id, memoryMB, bytes, loadMs: Math.round(loadMs) },
    perSecond: Math.round(speed?.hundred ?? Number.NaN),
    perSecondSingle: Math.round(speed?.single ?? Number.NaN),
  }));
  const labelled = texts.filter(({ label }) => label !== undefined);
  // The faster one would be asked first.
  const [a, b] = measures;
  const isSwapped = a !== undefined && b !== undefined && b.perSecond > a.perSecond;
  const inOrder = isSwapped
    ? labelled.map((text) => ({ ...text, first: text.second, second: text.first }))
    : labelled;
  const [quick, slow] = isSwapped ? [b, a] : [a, b];
  const found: Compared = {
    models: measures,
    ...compareSaid(texts),
    ...(labelled.length > 0 &&
      quick !== undefined &&
      slow !== undefined && {
        cascade: {
          first: quick.model,
          second: slow.model,
          points: cascadeOf(inOrder, { first: quick.perSecond, second: slow.perSecond }),
        },
      }),
  };
  return { ...found, sections: comparisonSections(found) };
};

const NOTHING: Said = { error: 'inference-failed' };

const saidBy = (answer: TextLabel | undefined): Said => {
  if (answer === undefined) return NOTHING;
  if ('error' in answer) return { error: answer.error.code };
  const { labels, by } = answer.answer;
  const [best] = labels;
  if (best === undefined) return NOTHING;
  return { label: best.label, score: best.score, ...(by !== undefined && { by }) };
};
