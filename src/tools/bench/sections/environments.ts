import type { Report } from '../../emulators/lambda/report-line.ts';
import { type BenchContext, idOf } from '../context.ts';
import { articleTable, cost, type Figures, memory } from './environment-sections.ts';
import type { Section } from '../../report/section.ts';
import { withLambda } from '../lambda.ts';
import { median } from '../rounds.ts';

const SIZES = [1, 10, 100] as const;

/** The article's table, memory and cost: all from the emulated Lambda's reports, cold and warm. */
export const benchEnvironments = async (context: BenchContext): Promise<readonly Section[]> => {
  const { root, built, models, quick } = context;
  const figures: Figures[] = [];
  for (const model of models) {
    const id = idOf(model);
    const measured = await withLambda(root, built, id, async (invoke) => {
      // The first environment warms up the emulators, which are not part of the figures.
      await invoke({ records: 100, invocations: 3 });
      const rows: Figures[] = [];
      for (const records of SIZES) {
        const runs: (readonly Report[])[] = [];
        for (let run = 0; run < (quick ? 1 : 3); run += 1)
          runs.push(await invoke({ records, invocations: quick ? 4 : 8 }));
        rows.push(figuresOf({ model: id, format: model.manifest.format, records }, runs));
      }
      return rows;
    });
    figures.push(...measured);
  }
  const { memoryMB } = built.spec;
  return [articleTable(figures, memoryMB), memory(figures, memoryMB), cost(figures, memoryMB)];
};

const figuresOf = (
  what: Pick<Figures, 'model' | 'format' | 'records'>,
  runs: readonly (readonly Report[])[],
): Figures => {
  const cold = runs.flatMap((reports) => reports.slice(0, 1));
  const warm = runs.flatMap((reports) => reports.slice(1));
  return {
    ...what,
    initMs: median(cold.map(({ initMs = 0 }) => initMs)),
    coldMs: median(cold.map(({ durationMs }) => durationMs)),
    coldBilledMs: median(cold.map(({ billedMs }) => billedMs)),
    warmMs: median(warm.map(({ durationMs }) => durationMs)),
    warmBilledMs: median(warm.map(({ billedMs }) => billedMs)),
    maxMemoryMB: Math.max(...runs.flat().map(({ maxMemoryMB }) => maxMemoryMB)),
  };
};
