import { setTimeout as sleep } from 'node:timers/promises';

/** Keeps calls to a rate of capacity units a second. */
export interface CapacityLimit {
  /**
   * Waits until as many units may be taken.
   *
   * @throws the signal's reason when it aborts
   */
  take(units: number, signal?: AbortSignal): Promise<void>;
  /** Corrects what was taken, once it is known what a call consumed. */
  settle(taken: number, consumed: number): void;
}

export interface Clock {
  /** ms */
  now(): number;
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

const CLOCK: Clock = {
  now: () => performance.now(),
  wait: (ms, signal) => sleep(ms, undefined, signal && { signal }),
};

/** No burst follows a pause: a table that is in use keeps what it needs. @param unitsPerSecond above 0 */
export const capacityLimit = (unitsPerSecond: number, { now, wait }: Clock = CLOCK): CapacityLimit => {
  /** When all that was taken so far is paid for. */
  let free = 0;
  const msOf = (units: number): number => (units / unitsPerSecond) * 1000;
  return {
    take: async (units, signal) => {
      signal?.throwIfAborted();
      const at = Math.max(now(), free);
      free = at + msOf(units);
      if (at > now()) await wait(at - now(), signal);
    },
    settle: (taken, consumed) => {
      free += msOf(consumed - taken);
    },
  };
};
