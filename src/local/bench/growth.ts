import type { BuiltFunction } from '../built-function.ts';
import { eventsJson, functionAlone } from './function.ts';

export interface GrowthFigures {
  readonly records: number;
  readonly microsPerRecord: number;
  /** Resident memory of this process after these records. */
  readonly residentMB: number;
}

/** Whether time and memory per record stay as they are while the records become more. */
export const benchGrowth = async (built: BuiltFunction): Promise<readonly GrowthFigures[]> => {
  const run = functionAlone(built);
  // Code is compiled while it runs: that is start-up, not growth.
  for (const json of eventsJson(built.environment.DOCUMENTS_TABLE ?? '', 20_000)) await run(json);
  const figures: GrowthFigures[] = [];
  for (const records of [1_000, 10_000, 100_000, 500_000]) {
    let spent = 0;
    for (const json of eventsJson(built.environment.DOCUMENTS_TABLE ?? '', records)) {
      const from = performance.now();
      await run(json);
      spent += performance.now() - from;
    }
    const residentMB = Math.round(process.memoryUsage.rss() / 2 ** 20);
    figures.push({ records, microsPerRecord: (spent * 1000) / records, residentMB });
  }
  return figures;
};
