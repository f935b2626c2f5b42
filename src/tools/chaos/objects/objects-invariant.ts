import type { Manifest } from '../../../pipeline/objects/run.ts';
import { objectsIn, OUTPUT, type QuietRun } from './quiet-run.ts';
import { playObjects, type PlayedObjects } from './play-objects.ts';
import { type MakeObjectWorld, memoryObjectWorld } from './object-world.ts';
import type { ObjectScenario } from './scenario.ts';

/**
 * Plays a history and checks what must hold after it: every object that is there has the output and the manifest of a
 * quiet run, to the byte; one that was replaced or deleted has just those or none; nothing else is left; and where
 * nothing went wrong, no text was classified twice.
 *
 * @throws Error that lists all that does not hold
 */
export const checkObjects = async (
  scenario: ObjectScenario,
  makeWorld: MakeObjectWorld = memoryObjectWorld,
): Promise<void> => {
  const { store, calm, stop } = await makeWorld(scenario);
  try {
    const played = await playObjects(scenario, store);
    calm();
    const faults = [...(await checkOutputs(played, scenario)), ...checkInferences(played, scenario)];
    if (faults.length > 0) throw new Error(faults.join('\n'));
  } finally {
    await stop();
  }
};

/** What a manifest says that does not depend on how the work was divided. */
const essence = ({ status, error, model, source, output, counts }: Manifest): string =>
  JSON.stringify({ status, error, model, source, output, counts });

const checkOutputs = async (
  { store, quiet, current, wrong }: PlayedObjects,
  { fates, faults }: ObjectScenario,
): Promise<readonly string[]> => {
  const left = new Map(await objectsIn(store, OUTPUT));
  const found: string[] = wrong.map((key) => `${key} appeared with another content than a quiet run's`);
  for (const run of quiet) {
    const manifest = left.get(run.manifestKey);
    const output = run.output && left.get(run.output.key);
    left.delete(run.manifestKey);
    if (run.output !== undefined) left.delete(run.output.key);
    found.push(...checkRun(run, manifest, output, current.has(run.manifestKey)));
  }
  // A killed environment, or one that was late, may leave a part behind, which S3 deletes after some days.
  const isClean =
    fates.every(({ kind }) => kind !== 'killed') && faults.every((fault) => fault === undefined);
  for (const key of left.keys())
    if (isClean || !key.startsWith('labels/.parts/')) found.push(`${key} is left`);
  return found;
};

const checkRun = (
  run: QuietRun,
  manifest: Buffer | undefined,
  output: Buffer | undefined,
  isCurrent: boolean,
): readonly string[] => {
  if (manifest === undefined) {
    if (isCurrent) return [`${run.manifestKey} is missing`];
    return [];
  }
  const found = JSON.parse(manifest.toString()) as Manifest;
  const faults: string[] = [];
  if (essence(found) !== essence(run.manifest)) faults.push(`${run.manifestKey} says ${essence(found)}`);
  if (run.output?.bytes.equals(output ?? Buffer.alloc(0)) === false)
    faults.push(`${run.output.key} is not the output of a quiet run`);
  return faults;
};

const checkInferences = (
  { quiet, inferences }: PlayedObjects,
  { fates, faults, concurrency }: ObjectScenario,
): readonly string[] => {
  if (fates.length > 0 || faults.length > 0 || concurrency > 1) return [];
  const lines = quiet.reduce((sum, { manifest }) => sum + manifest.counts.lines, 0);
  return inferences > lines ? [`${inferences} texts were classified, of ${lines}`] : [];
};
