import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until the time is over or the signal aborts; never rejects. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  if (ms <= 0 || signal.aborted) return;
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // Only the signal ends the wait early.
  }
};

/** A pause that doubles with every failure in a row, from `first` up to `most` milliseconds. */
export const backOffMs = (failures: number, first: number, most: number): number =>
  Math.min(most, first * 2 ** Math.min(failures - 1, 30));
