import { thinned } from './thinned.ts';

/** How far an ingest was at a time. */
export interface Moment {
  /** Since the first write. */
  readonly seconds: number;
  /** Records in the stream so far. */
  readonly produced: number;
  /** Records that need not be delivered again. */
  readonly done: number;
}

/** More do not show in a picture. */
const MOST = 400;

/** The moments of an ingest, in constant memory. */
export const recordTimeline = () => {
  const from = performance.now();
  const moments = thinned<Moment>(MOST);
  const at = (produced: number, done: number): Moment => ({
    seconds: Math.round(performance.now() - from) / 1000,
    produced,
    done,
  });
  moments.add(at(0, 0));
  return {
    add: (produced: number, done: number): void => moments.add(at(produced, done)),
    /** All of them, and the last one. */
    end: (produced: number, done: number): readonly Moment[] => [
      ...moments.entries().map(({ entry }) => entry),
      at(produced, done),
    ],
  };
};
