/** Ends one process; resolves when it is gone. */
export type Kill = () => Promise<void>;

/** Knows every process that still has to be ended. */
export interface Reaper {
  /** Takes charge of a process; once closed, ends it at once. */
  add(kill: Kill): void;
  /** The process has ended. */
  remove(kill: Kill): void;
  /** Ends all; resolves when none is left. */
  close(): Promise<void>;
}

/** A reaper that also does its work when this process exits without having closed it. */
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
