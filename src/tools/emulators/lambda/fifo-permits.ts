/** A limited number of permits, granted in the order of the requests. */
export interface Permits {
  acquire(): Promise<void>;
  release(): void;
  /** Rejects all waiting and later requests. */
  close(error: Error): void;
}

export const createPermits = (count: number): Permits => {
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  let free = count;
  let closed: Error | undefined;
  return {
    acquire: () =>
      new Promise((resolve, reject) => {
        if (closed) reject(closed);
        else if (free > 0) {
          free -= 1;
          resolve();
        } else waiting.push({ resolve, reject });
      }),
    release: () => {
      const next = waiting.shift();
      if (next) next.resolve();
      else free += 1;
    },
    close: (error) => {
      closed = error;
      for (const { reject } of waiting.splice(0)) reject(error);
    },
  };
};
