import fc from 'fast-check';
import { type PlayedProcesses, processChecker } from './check-processes.ts';
import { processScenarios } from './scenario.ts';

/** What many histories of real processes were. */
export interface ProcessSummary {
  readonly histories: number;
  readonly attempts: number;
  readonly killed: number;
  readonly terminated: number;
  /** How often a process was ended at a step, the most frequent first. */
  readonly steps: readonly (readonly [step: string, times: number])[];
}

/**
 * Plays the first histories of a seed, one after another.
 *
 * @param root the project's folder
 * @throws Error that has the number of the history, what does not hold, and the history
 */
export const playProcesses = async (
  root: string,
  count: number,
  seed: number,
  onPlayed: () => void = () => undefined,
): Promise<ProcessSummary> => {
  const check = processChecker(root);
  const played: PlayedProcesses[] = [];
  for (const scenario of fc.sample(processScenarios(), { numRuns: count, seed })) {
    played.push(
      await check(scenario).catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        const history = JSON.stringify(scenario, null, 2);
        throw new Error(`history ${played.length + 1} of processes: ${reason}\n${history}`, { cause });
      }),
    );
    onPlayed();
  }
  return summaryOf(played);
};

const summaryOf = (played: readonly PlayedProcesses[]): ProcessSummary => {
  const kills = played.flatMap((one) => one.kills);
  const steps = Map.groupBy(kills, ({ step }) => step);
  return {
    histories: played.length,
    attempts: played.reduce((sum, { attempts }) => sum + attempts, 0),
    killed: kills.filter(({ signal }) => signal === 'SIGKILL').length,
    terminated: kills.filter(({ signal }) => signal === 'SIGTERM').length,
    steps: [...steps]
      .map(([step, { length }]) => [step, length] as const)
      .toSorted(([, one], [, other]) => other - one),
  };
};

export const summaryText = ({ histories, attempts, killed, terminated, steps }: ProcessSummary): string =>
  [
    `the outputs were those of quiet runs in ${histories} histories of real processes: ` +
      `of ${attempts} attempts ${killed} were ended by SIGKILL, ${terminated} by SIGTERM`,
    ...steps.map(([step, times]) => `  ${times} at ${step}`),
  ].join('\n');
