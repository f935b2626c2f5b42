import { thinned } from './thinned.ts';

/** How far an ingest is. */
export interface RecordProgress {
  /** Records in the stream so far. */
  readonly produced: number;
  /** Records that need not be delivered again. */
  readonly done: number;
}

/** The same, with what is known of a function that runs here. */
export interface Progress extends RecordProgress {
  /** Environments that were started. */
  readonly coldStarts: number;
  /** The highest memory of the environment that was used last, in MB. */
  readonly memoryMB: number;
  /** Faults of a bad day so far. */
  readonly faults: number;
}

/** What something was like at a time, in seconds since the first write. */
export type Timed<Figures> = Figures & { readonly seconds: number };

/** More do not show in a picture. */
const MOST = 400;

/** The course of an ingest, in constant memory. @param progress how far it is now */
export const recordTimeline = <Figures extends RecordProgress>(progress: () => Figures) => {
  const from = performance.now();
  const moments = thinned<Timed<Figures>>(MOST);
  const now = (): Timed<Figures> => ({
    seconds: Math.round(performance.now() - from) / 1000,
    ...progress(),
  });
  const add = (): void => moments.add(now());
  add();
  return {
    add,
    /** Its moments, and this one. */
    read: (): readonly Timed<Figures>[] => [...moments.entries().map(({ entry }) => entry), now()],
  };
};
