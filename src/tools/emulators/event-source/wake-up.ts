/** Wakes the one loop that waits for something to change. */
export interface WakeUp {
  wake(): void;
  /** Resolves at the next `wake`, or after `ms` milliseconds if given. */
  wait(ms?: number): Promise<void>;
}

/** Wakes also when the signal is aborted. */
export const createWakeUp = (signal: AbortSignal): WakeUp => {
  let wake = () => {};
  signal.addEventListener('abort', () => wake());
  return {
    wake: () => wake(),
    wait: (ms) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  };
};
