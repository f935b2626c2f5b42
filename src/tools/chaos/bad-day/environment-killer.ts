import type { RunningInvocation } from '../../emulators/lambda/function.ts';
import { seededRandom } from '../../random.ts';

export interface KillerOptions {
  /** One environment is killed per this number of invocations; 0 kills none. */
  readonly every: number;
  readonly seed: number;
}

export interface EnvironmentKiller {
  /** For `onInvoke` of a function. */
  readonly onInvoke: (running: RunningInvocation) => void;
  /** Environments killed in the middle of an invocation. */
  kills(): number;
}

/** The assumed duration of an invocation before one was measured, in ms. */
const FIRST_GUESS_MS = 100;

/**
 * Kills execution environments in the middle of batches: within the average duration of an invocation. If that has
 * ended by then, the next one is killed.
 */
export const environmentKiller = ({ every, seed }: KillerOptions): EnvironmentKiller => {
  const random = seededRandom(seed);
  let invocations = 0;
  let owed = 0;
  let kills = 0;
  let averageMs = FIRST_GUESS_MS;
  return {
    onInvoke: ({ over, kill }) => {
      invocations += 1;
      if (every > 0 && invocations % every === 0) owed += 1;
      const from = performance.now();
      void over.then(() => {
        averageMs += (performance.now() - from - averageMs) / 10;
      });
      if (owed === 0) return;
      owed -= 1;
      let killed = false;
      const timer = setTimeout(() => {
        killed = true;
        kills += 1;
        void kill();
      }, random() * averageMs);
      void over.then(() => {
        clearTimeout(timer);
        if (!killed) owed += 1;
      });
    },
    kills: () => kills,
  };
};
