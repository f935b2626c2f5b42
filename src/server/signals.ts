/** Signals within this time are one: a terminal and npm both send Ctrl-C on. */
const SAME_MS = 500;

/** Calls `first` at the first SIGTERM or SIGINT, and `again` at the next one. */
export const onSignals = (first: () => void, again: () => void): void => {
  let firstAt: number | undefined;
  const onSignal = (): void => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      first();
    } else if (now - firstAt > SAME_MS) again();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal);
};
