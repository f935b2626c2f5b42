import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from '../../../../errors.ts';
import { startAttempt } from './attempt.ts';
import { textsOf } from './files.ts';
import { killedAttempt } from './killed-attempt.ts';
import { folderPlace, s3Place } from './places.ts';
import { quietOutputs, type RunOutput, runOutputs } from './quiet-outputs.ts';
import type { Kill, ProcessScenario } from './scenario.ts';

/** What became of a history: where its program was ended, in words. */
export interface PlayedProcesses {
  readonly attempts: number;
  readonly kills: readonly { readonly signal: Kill['signal']; readonly step: string }[];
}

/** What an attempt takes in peace, before one was measured. */
const PEACEFUL_MS = 1_500;

/**
 * What plays a history: a program that is killed and run again until it ends by itself. After each attempt, every output that
 * is there is that of a quiet run to the byte, and at the end every output is there, with its manifest.
 *
 * @param root the project's folder
 * @throws Error that lists all that does not hold
 */
export const processChecker = (root: string): ((scenario: ProcessScenario) => Promise<PlayedProcesses>) => {
  let peacefulMs = PEACEFUL_MS;
  return async (scenario) => {
    const { milliseconds, ...played } = await check(scenario, root, peacefulMs);
    peacefulMs = milliseconds;
    return played;
  };
};

const check = async (
  scenario: ProcessScenario,
  root: string,
  peacefulMs: number,
): Promise<PlayedProcesses & { readonly milliseconds: number }> => {
  const folder = await mkdtemp(join(tmpdir(), 'labelstream-chaos-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const files = textsOf(scenario.files);
  const quiet = await quietOutputs({ root, folder, files });
  const place = stack.adopt(
    await (scenario.program === 'job' ? s3Place : folderPlace)({ ...scenario, root, folder, files }),
    ({ stop }) => stop(),
  );
  const faults: string[] = [];
  const look = async (when: string, isOver: boolean): Promise<void> => {
    const found = await runOutputs(place.store, place.outputBucket, files.keys());
    for (const [key, expected] of quiet)
      faults.push(
        ...faultsOf(must(found.get(key), key), expected, isOver).map((fault) => `${key} ${fault} ${when}`),
      );
  };

  const kills: { signal: Kill['signal']; step: string }[] = [];
  for (const kill of scenario.kills) {
    const { step, ended } = await killedAttempt(place, kill, peacefulMs, (attempt) =>
      stack.defer(() => attempt.allEnded()),
    );
    if (step !== undefined) kills.push({ signal: kill.signal, step });
    await look(`after ${kill.signal}: ${step ?? `status ${ended.status}`}`, false);
  }
  place.calm();
  place.onRequest(() => undefined);
  const last = startAttempt(place.program);
  const { status, said, milliseconds } = await last.ended;
  await last.allEnded();
  await look('at the end', true);
  // It says so where lines or files have errors, unless they were done before.
  const isFlawed = [...quiet.values()].some(
    ({ manifest }) => manifest?.status !== 'complete' || Object.keys(manifest.counts.errors).length > 0,
  );
  if (status !== 0 && !(status === 1 && isFlawed))
    faults.push(`the last attempt ended with status ${status}: ${said}`);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return { attempts: scenario.kills.length + 1, kills, milliseconds };
};

const faultsOf = (found: RunOutput, quiet: RunOutput, isOver: boolean): readonly string[] => {
  const { output, manifest } = found;
  const faults: string[] = [];
  if (output !== undefined && quiet.output?.equals(output) !== true)
    faults.push('has another output than a quiet run');
  if (manifest !== undefined && essence(found) !== essence(quiet))
    faults.push(`has a manifest that says ${essence(found)} instead of ${essence(quiet)}`);
  if (manifest !== undefined && quiet.output !== undefined && output === undefined)
    faults.push('has no output beside its manifest');
  if (isOver && manifest === undefined) faults.push('has no manifest');
  return faults;
};

/** What a manifest says that does not depend on where it is. */
const essence = ({ manifest }: RunOutput): string => {
  const { status, error, model, counts, output, shards } = must(manifest, 'manifest');
  return JSON.stringify({ status, error, model, counts, bytes: output?.bytes, shards });
};
