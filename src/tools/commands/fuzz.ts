/** `npm run fuzz`: sends any number of hostile records through the pipeline, or of requests to the prediction API. */
import { join } from 'node:path';
import { Command, Option } from 'commander';
import fc from 'fast-check';
import { checkHostile, HOSTILE_TABLE } from '../chaos/hostile/check-hostile.ts';
import { fuzzRequests } from '../chaos/hostile/fuzz-requests.ts';
import { hostileData } from '../chaos/hostile/hostile-records.ts';
import { LABEL_STORES, type LabelStoreName } from '../../stores/label-stores.ts';
import { whole } from './options.ts';
import { ROOT } from './root.ts';
import { run, STATUS, withStatus } from './run.ts';

interface Options {
  readonly records: number;
  readonly requests?: number;
  readonly seed: number;
  readonly path?: string;
  readonly store?: LabelStoreName;
}

const BATCH = 20;

const program = new Command('npm run fuzz --')
  .description(
    'Sends hostile records through the pipeline, or requests to the prediction API, and checks that none does harm.',
  )
  .option('--records <n>', 'records to send, at least', whole(1, 1_000_000_000), 10_000)
  .option('--requests <n>', 'sends HTTP requests in place of records', whole(1, 1_000_000_000))
  .option('--seed <n>', 'seed of the records', whole(-(2 ** 31), 2 ** 32 - 1), Date.now() % 2 ** 31)
  .option('--path <path>', 'of one batch that failed: sends only that one')
  .addOption(new Option('--store <name>', 'one store instead of all of them').choices(LABEL_STORES));

/** Growth of the heap, in MB, that is no leak: code that was compiled, and caches. */
const GROWTH_MB = 32;

const sendRequests = async (
  requests: number,
  { seed, path }: Pick<Options, 'seed' | 'path'>,
): Promise<number> => {
  console.log(`seed ${seed}, ${path === undefined ? `${requests} requests` : `path ${path}`}`);
  const from = performance.now();
  const { sent, statuses, grownMB, failure } = await fuzzRequests({
    ...{ requests, seed, path, models: join(ROOT, 'models') },
    onProgress: (count) =>
      console.log(`${count} requests in ${((performance.now() - from) / 1000).toFixed(0)} s`),
  });
  if (failure !== undefined) {
    console.error(`harm was done: ${failure.message}`);
    console.error(JSON.stringify(failure.request));
    console.error(`again: npm run fuzz -- --requests ${requests} --seed ${seed} --path "${failure.path}"`);
    return STATUS.broken;
  }
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  console.log(`no harm was done by ${sent} requests; answers by status: ${counts.join(', ')}`);
  const { heap, resident } = grownMB;
  console.log(
    `since the first fifth: heap ${heap.toFixed(1)} MB, resident memory ${resident.toFixed(1)} MB more`,
  );
  if (heap <= GROWTH_MB) return STATUS.fine;
  console.error(`the heap has grown by more than ${GROWTH_MB} MB`);
  return STATUS.broken;
};

const main = async ({ records, requests, seed, path, store }: Options): Promise<number> => {
  if (requests !== undefined) return sendRequests(requests, { seed, ...(path !== undefined && { path }) });
  console.log(`seed ${seed}, ${path === undefined ? `${records} records` : `path ${path}`}`);
  const from = performance.now();
  const elapsed = (): string => `${((performance.now() - from) / 1000).toFixed(0)} s`;
  let sent = 0;
  let reportedAt = from;
  const batches = fc.array(hostileData(HOSTILE_TABLE), { minLength: 1, maxLength: BATCH, size: 'max' });
  const property = fc.asyncProperty(
    batches,
    fc.constantFrom(...(store === undefined ? LABEL_STORES : [store])),
    async (datas, where) => {
      await checkHostile(datas, where);
      sent += datas.length;
      if (performance.now() - reportedAt < 5_000) return;
      reportedAt = performance.now();
      console.log(`${sent} records in ${elapsed()}`);
    },
  );
  const runs = Math.ceil((2 * records) / BATCH);
  // Batches have random sizes up to the largest: repeated until there are enough records.
  for (let round = 0; path === undefined ? sent < records : round === 0; round += 1) {
    const result = await fc.check(property, { numRuns: runs, seed: seed + round, ...(path && { path }) });
    if (!result.failed) continue;
    const { counterexample, errorInstance, counterexamplePath } = result;
    console.error(`harm was done: ${errorInstance instanceof Error ? errorInstance.message : ''}`);
    console.error(JSON.stringify(counterexample?.[0].map((data) => data.toString('base64'))));
    console.error(`again: npm run fuzz -- --seed ${seed + round} --path "${counterexamplePath}"`);
    return STATUS.broken;
  }
  console.log(`no harm was done by ${sent} records, ${elapsed()}`);
  return STATUS.fine;
};

await run(program.action(withStatus(main)));
