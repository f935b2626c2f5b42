/** Ends one process; resolves when it has ended. */
export type Kill = () => Promise<void>;

/** Knows every process that still has to be ended. */
export interface Reaper {
  /** Registers a process; if the reaper is closed, ends it immediately. */
  add(kill: Kill): void;
  /** The process has ended. */
  remove(kill: Kill): void;
  /** Ends all; resolves when none is left. */
  close(): Promise<void>;
}

/** A reaper that also ends its processes when this process exits without closing it. */
export const createReaper = (): Reaper => {
  const kills = new Set<Kill>();
  let closed = false;
  const killAll = () => Promise.all([...kills].map((kill) => kill()));
  const onExit = () => void killAll();
  process.once('exit', onExit);
  return {
    add: (kill) => {
      kills.add(kill);
      if (closed) void kill();
    },
    remove: (kill) => {
      kills.delete(kill);
    },
    close: async () => {
      closed = true;
      process.off('exit', onExit);
      await killAll();
    },
  };
};
