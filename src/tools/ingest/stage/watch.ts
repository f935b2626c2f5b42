import { setTimeout as sleep } from 'node:timers/promises';

export interface WatchOptions {
  /** How many messages there will be, and how many are written by now. */
  readonly records: number;
  readonly written: () => number;
  /** Positions that will get no label. */
  readonly isExpected: (position: number) => boolean;
  /** Reads what is at these positions; which of them have their label. */
  readonly look: (positions: readonly number[]) => Promise<readonly boolean[]>;
  /** Seconds without a new label, once all is written, after which it stops waiting. */
  readonly patienceSeconds: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  readonly onLabelled?: (labelled: number) => void;
}

/** Items of one poll: four calls of BatchGetItem. */
export const LOOK_SIZE = 400;

const PAUSE_MS = { first: 500, most: 5_000 };

/**
 * Waits until every item has its label, or no more labels appear. It polls the items with the longest time since their
 * last poll, and pauses, longer each time, while fewer than half of them have theirs: an item is read once when it has
 * its label, and at most a few times before.
 *
 * @returns positions without a label, and the number of items that were read
 */
export const watch = async (options: WatchOptions) => {
  const {
    records,
    written,
    isExpected,
    look,
    patienceSeconds,
    signal,
    onLabelled = () => undefined,
  } = options;
  const queue: number[] = [];
  let next = 0;
  let labelled = 0;
  let reads = 0;
  let pauseMs = PAUSE_MS.first;
  let changedAt = performance.now();
  const take = (): readonly number[] => {
    // Items without a label must not delay those that were never polled.
    const fresh: number[] = [];
    const room = LOOK_SIZE - Math.min(queue.length, LOOK_SIZE / 2);
    for (; next < written() && fresh.length < room; next += 1) if (isExpected(next)) fresh.push(next);
    return [...queue.splice(0, LOOK_SIZE - fresh.length), ...fresh];
  };
  for (;;) {
    signal?.throwIfAborted();
    const taken = take();
    if (taken.length === 0 && next >= records) return { missing: queue, reads };
    const found = taken.length === 0 ? [] : await look(taken);
    reads += taken.length;
    const missing = taken.filter((_, index) => found[index] !== true);
    queue.push(...missing);
    const news = taken.length - missing.length;
    labelled += news;
    if (news > 0) onLabelled(labelled);
    if (news > 0 || next < records) changedAt = performance.now();
    if (performance.now() - changedAt > patienceSeconds * 1000) return { missing: queue, reads };
    if (taken.length > 0 && news * 2 >= taken.length) {
      pauseMs = PAUSE_MS.first;
      continue;
    }
    await sleep(pauseMs, undefined, signal && { signal });
    pauseMs = Math.min(PAUSE_MS.most, pauseMs * 1.5);
  }
};
