/** How long the invocation may go on. */
export interface Deadline {
  remainingMs(): number;
  /** A signal that aborts when no more than `marginMs` remain. */
  signal(marginMs: number): AbortSignal;
}

/** Says whether there is time for another chunk as slow as the slowest so far. */
export const pace = ({ remainingMs }: Deadline, marginMs: number): (() => boolean) => {
  let before = remainingMs();
  let slowest = 0;
  return () => {
    const now = remainingMs();
    slowest = Math.max(slowest, before - now);
    before = now;
    return now > marginMs + slowest;
  };
};
