/** How far an ingest was at a time. */
export interface Moment {
  /** Since the first write. */
  readonly seconds: number;
  /** Records in the stream so far. */
  readonly produced: number;
  /** Records that need not be delivered again. */
  readonly done: number;
}

/** The most moments that are kept: more do not show in a picture. */
const MOST = 400;

/** The moments of an ingest, in constant memory: the longer it takes, the further they are apart. */
export const recordTimeline = (now: () => number = () => performance.now()) => {
  const from = now();
  let moments: Moment[] = [{ seconds: 0, produced: 0, done: 0 }];
  let apart = 0.05;
  const at = (produced: number, done: number): Moment => ({
    seconds: Math.round(now() - from) / 1000,
    produced,
    done,
  });
  return {
    add: (produced: number, done: number): void => {
      const moment = at(produced, done);
      if (moment.seconds - (moments.at(-1)?.seconds ?? 0) < apart) return;
      moments.push(moment);
      if (moments.length < MOST) return;
      moments = moments.filter((_, index) => index % 2 === 0);
      apart *= 2;
    },
    /** All of them, and the last one. */
    end: (produced: number, done: number): readonly Moment[] => [...moments, at(produced, done)],
  };
};
