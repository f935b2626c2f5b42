import type { RunningInvocation } from '../../emulators/lambda/function.ts';
import { seededRandom } from '../../random.ts';

export interface KillerOptions {
  /** One environment is killed in so many invocations; 0 kills none. */
  readonly every: number;
  readonly seed: number;
}

export interface EnvironmentKiller {
  /** For `onInvoke` of a function. */
  readonly onInvoke: (running: RunningInvocation) => void;
  /** Environments killed in the middle of an invocation. */
  kills(): number;
}

/** How long an invocation is thought to take before there is experience, in ms. */
const FIRST_GUESS_MS = 100;

/**
 * Kills an execution environment in mid-batch, again and again: within the time that an invocation takes on average. If
 * it has answered by then, the next one is for it.
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
