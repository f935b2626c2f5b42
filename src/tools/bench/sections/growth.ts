import { type BenchContext, firstOf, idOf } from '../context.ts';
import { BATCH_SIZE, eventsJson } from '../events.ts';
import { ratioOf, type Section } from '../../report/section.ts';
import { functionAlone } from './function.ts';
import { must } from '../../../errors.ts';

/** Whether time and memory per record are constant as the number of records grows; for a classical model. */
export const benchGrowth = async (context: BenchContext): Promise<Section | undefined> => {
  const model = firstOf(context, 'sklearn');
  if (model === undefined) return undefined;
  const { built, quick } = context;
  const table = must(built.environment.DOCUMENTS_TABLE, 'DOCUMENTS_TABLE of the function');
  const run = functionAlone(built, idOf(model));
  // Code is compiled during the first runs: that is start-up, not growth.
  for (const json of eventsJson(table, 20_000)) await run(json);
  const rows = [];
  for (const records of quick ? [1_000, 20_000] : [1_000, 10_000, 50_000, 200_000]) {
    let spent = 0;
    for (const json of eventsJson(table, records)) {
      const from = performance.now();
      await run(json);
      spent += performance.now() - from;
    }
    const residentMB = Math.round(process.memoryUsage.rss() / 2 ** 20);
    rows.push({ records, microsPerRecord: (spent * 1000) / records, residentMB });
  }
  const [first, last] = [rows[0], rows.at(-1)];
  return {
    id: 'growth',
    title: `Growth: the function with ${idOf(model)} over more and more records, batches of ${BATCH_SIZE}`,
    ratios: [
      ...ratioOf('time a record, most over fewest records', last?.microsPerRecord, first?.microsPerRecord),
      ...ratioOf('resident memory, most over fewest records', last?.residentMB, first?.residentMB),
    ],
    columns: [
      { key: 'records', head: 'records' },
      { key: 'microsPerRecord', head: 'µs a record', digits: 1 },
      { key: 'residentMB', head: 'resident MB' },
    ],
    rows,
    notes: ['Resident memory is of the benchmark itself, with all that it has measured before.'],
  };
};
