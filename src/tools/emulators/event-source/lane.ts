import { createWakeUp } from './wake-up.ts';
import { EMPTY_EVENT_BYTES, MAX_EVENT_BYTES, type ShardRecord } from './lambda-event.ts';
import type { EventSourceSettings } from './settings.ts';

/** Records that must stay in order: they are delivered one batch after the other. */
export interface Lane {
  push(record: ShardRecord): void;
  /** Delivers until the signal ends; rejects with what delivery rejects with. */
  run(): Promise<void>;
}

/**
 * Cuts a lane's records into batches: one is sent when it has `batchSize` records, when the next record would take it
 * over 6 MB, or when its first record has waited for the batching window, whichever comes first.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching
 */
export const createLane = (
  { batchSize, windowSeconds }: EventSourceSettings,
  deliver: (batch: readonly ShardRecord[]) => Promise<void>,
  signal: AbortSignal,
): Lane => {
  const wakeUp = createWakeUp(signal);
  // Delivered records stay at the queue's start until they are its larger part: taking a batch costs no copy of all.
  let queue: ShardRecord[] = [];
  let start = 0;
  let end = 0;
  let bytes = EMPTY_EVENT_BYTES;
  let full = false;

  /** Lets the next batch, `queue[start..end)`, grow as far as it may. */
  const fill = (): void => {
    for (let record = queue[end]; record && !full; record = queue[end]) {
      if (end > start && bytes + record.eventBytes > MAX_EVENT_BYTES) {
        full = true;
      } else {
        end += 1;
        bytes += record.eventBytes;
        full = end - start === batchSize;
      }
    }
  };

  const take = (): readonly ShardRecord[] => {
    const batch = queue.slice(start, end);
    start = end;
    if (start > queue.length / 2) {
      queue = queue.slice(start);
      start = 0;
      end = 0;
    }
    bytes = EMPTY_EVENT_BYTES;
    full = false;
    fill();
    return batch;
  };

  return {
    push: (record) => {
      queue.push(record);
      fill();
      wakeUp.wake();
    },
    run: async () => {
      while (!signal.aborted) {
        const first = queue[start];
        const waitMs = first && first.readAt + windowSeconds * 1000 - performance.now();
        if (waitMs !== undefined && (full || waitMs <= 0)) await deliver(take());
        else await wakeUp.wait(waitMs);
      }
    },
  };
};
