/** How long the invocation may go on. */
export interface Deadline {
  remainingMs(): number;
  /** A signal that aborts when no more than `marginMs` remain. */
  signal(marginMs: number): AbortSignal;
}
