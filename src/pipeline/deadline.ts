/** The remaining time of the invocation. */
export interface Deadline {
  remainingMs(): number;
  /** A signal that aborts when no more than `marginMs` remain. */
  signal(marginMs: number): AbortSignal;
}

/**
 * The part of the margin that is kept back when rejects are stored: for the answer alone. The margin itself has begun
 * by then.
 */
export const LAST_RESERVE = 1 / 4;

/** Returns a function that checks whether there is time for another chunk as slow as the slowest so far. */
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
