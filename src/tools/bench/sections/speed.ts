import { availableParallelism } from 'node:os';
import type { Classifier } from '../../../tasks/model.ts';
import { type BenchContext, idOf, openModel } from '../context.ts';
import { type Column, type Measurement, ratioOf, type Section } from '../../report/section.ts';
import { must } from '../../../errors.ts';
import { type Contender, speedOf, takeTurns } from '../rounds.ts';
import { chunks } from '../../chunks.ts';

const SIZES = [1, 10, 100, 1_000] as const;

/** The duration of a contender's round. */
const ROUND_MS = 400;

const COLUMNS: readonly Column[] = [
  { key: 'model', head: 'model' },
  { key: 'threads', head: 'threads' },
  ...SIZES.map((size) => ({ key: `batch${size}`, head: `records/s, batch ${size.toLocaleString('en-US')}` })),
];

/** `count` texts, the given ones repeated. */
const cycle = (texts: readonly string[], count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => texts[index % texts.length] ?? '');

/** Texts in batches, as many as fit into a round: whole batches, at least one. */
const work = async (
  model: Classifier,
  texts: readonly string[],
  size: number,
  roundMs: number,
): Promise<readonly (readonly string[])[]> => {
  const trial = cycle(texts, Math.max(size, 20));
  for (const batch of chunks(trial.slice(0, 5 * size), size)) await model.classify(batch);
  const from = performance.now();
  for (const batch of chunks(trial, size)) await model.classify(batch);
  const fitting = (trial.length * roundMs) / (performance.now() - from);
  return chunks(cycle(texts, Math.max(1, Math.round(fitting / size)) * size), size);
};

/** Records a second by model, threads and batch size: texts in, labels out, the model only. */
export const benchSpeed = async (context: BenchContext): Promise<Section> => {
  const { built, models, texts, quick } = context;
  const rows = [];
  const ratios = [];
  for (const model of models) {
    const id = idOf(model);
    const contenders: Record<string, Contender> = {};
    const records: Record<string, number> = {};
    // A classical model takes microseconds a text: handing it to another thread would take as long.
    const threadCounts = availableParallelism() > 1 && model.manifest.format !== 'sklearn' ? [1, 2] : [1];
    for (const threads of threadCounts) {
      const opened = await openModel(built, id, threads);
      for (const size of SIZES) {
        const batches = await work(opened, texts.messages, size, quick ? ROUND_MS / 4 : ROUND_MS);
        const name = nameOf(threads, size);
        records[name] = batches.reduce((sum, { length }) => sum + length, 0);
        contenders[name] = async () => {
          for (const batch of batches) await opened.classify(batch);
          return undefined;
        };
      }
    }
    const times = await takeTurns(contenders, { rounds: quick ? 3 : 5 });
    const speed = (threads: number, size: number): Measurement => {
      const name = nameOf(threads, size);
      return speedOf(records[name] ?? 0, must(times[name], name));
    };
    for (const threads of threadCounts)
      rows.push({
        model: id,
        threads,
        ...Object.fromEntries(SIZES.map((size) => [`batch${size}`, speed(threads, size).value])),
      });
    const isTransformer = model.manifest.format === 'transformer';
    if (threadCounts.includes(2))
      for (const size of [100, 1_000])
        ratios.push(
          ...ratioOf(
            `${id}: two threads over one, batches of ${size.toLocaleString('en-US')}`,
            speed(2, size),
            speed(1, size),
            isTransformer ? { atLeast: 1.8 } : undefined,
          ),
        );
    if (isTransformer)
      ratios.push(
        ...ratioOf(`${id}: records/s over 900, one thread, batches of 100`, speed(1, 100), 900, {
          atLeast: 1,
        }),
      );
  }
  return {
    id: 'speed',
    title: 'Records a second by model and batch size',
    ratios,
    columns: COLUMNS,
    rows,
    notes: [`Texts: ${texts.source}. Two threads are a function of two vCPUs.`],
  };
};

const nameOf = (threads: number, size: number): string => `${threads} × ${size}`;
