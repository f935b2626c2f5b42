/** `npm run chaos`: checks the invariant under any number of random histories and faults. */
import { Command, Option } from 'commander';
import fc from 'fast-check';
import { startEmulatedWorlds } from '../chaos/histories/emulated-world.ts';
import { checkInvariant } from '../chaos/histories/invariant.ts';
import { EMBEDDED_LABEL_STORES, LABEL_STORES, type LabelStoreName } from '../../stores/label-stores.ts';
import { scenarios } from '../chaos/histories/scenario.ts';
import { type MakeWorld, memoryWorld } from '../chaos/histories/world.ts';
import { emulatedObjectWorld, memoryObjectWorld } from '../chaos/objects/object-world.ts';
import { checkObjects } from '../chaos/objects/objects-invariant.ts';
import { playProcesses, summaryText } from '../chaos/objects/processes/play-processes.ts';
import { objectScenarios } from '../chaos/objects/scenario.ts';
import { whole } from './options.ts';
import { ROOT } from './root.ts';
import { run, STATUS, withStatus } from './run.ts';

interface Options {
  readonly runs: number;
  readonly seed: number;
  readonly path?: string;
  readonly store?: LabelStoreName;
  readonly ties: boolean;
  readonly emulators?: boolean;
  readonly relabel?: boolean;
  readonly objects?: boolean;
  readonly processes?: number;
}

const program = new Command('npm run chaos --')
  .description('Plays random histories under random faults, and checks the invariant after each.')
  .option('--runs <n>', 'histories to play', whole(1, 1_000_000_000), 1_000)
  .option('--seed <n>', 'seed of the histories', whole(-(2 ** 31), 2 ** 32 - 1), Date.now() % 2 ** 31)
  .option('--path <path>', 'of one history that failed: plays only that one')
  .addOption(new Option('--store <name>', 'one store instead of all of them').choices(LABEL_STORES))
  .option('--no-ties', 'no two changes of an item at the same time')
  .option(
    '--relabel',
    'the table is relabelled meanwhile, by a newer, the same or an older version of the model',
  )
  .option('--objects', 'of files in S3 and their events, instead of items of a table')
  .option(
    '--processes <n>',
    'with --objects: histories of real processes that are killed; else one for each hundred of the others',
    whole(0, 1_000_000),
  )
  .option('--emulators', 'through the SDK and a fault proxy, instead of in memory: slower');

/** The options to repeat for reproducing a run, besides seed and path. */
const again = ({ store, ties, emulators, relabel, objects }: Options): string =>
  [
    store && ` --store ${store}`,
    !ties && ' --no-ties',
    emulators && ' --emulators',
    relabel && ' --relabel',
    objects && ' --objects',
  ]
    .filter(Boolean)
    .join('');

/** Checks any history. */
type Histories = fc.IAsyncPropertyWithHooks<[unknown]>;

const ofObjects = ({ emulators }: Options, onPlayed: () => void): Histories =>
  fc.asyncProperty(objectScenarios(), async (scenario) => {
    await checkObjects(scenario, emulators ? emulatedObjectWorld : memoryObjectWorld);
    onPlayed();
  });

const ofItems = (
  { store, ties, emulators, relabel = false }: Options,
  makeWorld: MakeWorld,
  onPlayed: () => void,
): Histories => {
  const all = emulators ? EMBEDDED_LABEL_STORES : LABEL_STORES;
  const kinds = scenarios({
    ...{ stores: store === undefined ? all : [store], ties, relabel },
    // The embedded DynamoDB does not say whether an item has its label already.
    forwards: emulators ? 'never' : 'sometimes',
  });
  return fc.asyncProperty(kinds, async (scenario) => {
    await checkInvariant(scenario, makeWorld);
    onPlayed();
  });
};

const ofProcesses = async (
  { runs, seed, processes = Math.ceil(runs / 100) }: Options,
  onPlayed: () => void,
): Promise<number> => {
  try {
    const summary = await playProcesses(ROOT, processes, seed, onPlayed);
    if (processes > 0) console.log(summaryText(summary));
    return STATUS.fine;
  } catch (error) {
    console.error(`the invariant is broken: ${error instanceof Error ? error.message : ''}`);
    console.error(`again: npm run chaos -- --objects --runs 1 --processes ${processes} --seed ${seed}`);
    return STATUS.broken;
  }
};

const main = async (options: Options): Promise<number> => {
  const { runs, seed, path, emulators, objects } = options;
  await using stack = new AsyncDisposableStack();
  const worlds =
    emulators && !objects ? stack.adopt(await startEmulatedWorlds(), ({ stop }) => stop()) : undefined;
  console.log(`seed ${seed}, ${path === undefined ? `${runs} histories` : `path ${path}`}`);
  const from = performance.now();
  const elapsed = (): string => `${((performance.now() - from) / 1000).toFixed(0)} s`;
  let played = 0;
  let reportedAt = from;
  const onPlayed = (): void => {
    played += 1;
    if (performance.now() - reportedAt < 5_000) return;
    reportedAt = performance.now();
    console.log(`${played} histories in ${elapsed()}`);
  };
  const property = objects
    ? ofObjects(options, onPlayed)
    : ofItems(options, worlds?.makeWorld ?? memoryWorld, onPlayed);
  const result = await fc.check(property, { numRuns: runs, seed, ...(path !== undefined && { path }) });
  if (!result.failed) {
    console.log(`the invariant held in ${result.numRuns} histories, ${elapsed()}`);
    return objects && path === undefined ? ofProcesses(options, onPlayed) : STATUS.fine;
  }
  const { counterexample, errorInstance, counterexamplePath } = result;
  console.error(`the invariant is broken: ${errorInstance instanceof Error ? errorInstance.message : ''}`);
  console.error(JSON.stringify(counterexample?.[0], null, 2));
  console.error(`again: npm run chaos -- --seed ${seed} --path "${counterexamplePath}"${again(options)}`);
  return STATUS.broken;
};

await run(program.action(withStatus(main)));
