/** Wakes the one loop that waits for something to change. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, or after `ms` milliseconds if given. */
  wait(ms?: number): Promise<void>;
}

/** A bell that also rings when the signal ends. */
export const createBell = (signal: AbortSignal): Bell => {
  let wake = () => {};
  signal.addEventListener('abort', () => wake());
  return {
    ring: () => wake(),
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
