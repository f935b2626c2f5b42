import { createHash } from 'node:crypto';
import { createWakeUp } from './wake-up.ts';
import { createDelivery } from './delivery.ts';
import type { DeliveryContext } from './delivery-context.ts';
import type { ShardRecord } from './lambda-event.ts';
import { createLane, type Lane } from './lane.ts';
import type { ShardPage } from './shard-reader.ts';

/** The delivery of one shard to the function. */
export interface ShardPoller {
  /** Reads and delivers until the shard is closed and done, or the signal ends; rejects with what cannot be retried. */
  run(): Promise<void>;
  /**
   * Resolves when the shard, read again from now on, has nothing new and nothing is left to deliver; rejects when it
   * is stopped or fails before.
   */
  drained(): Promise<void>;
}

interface Waiter {
  readonly since: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The limit of records that wait for the function, per shard: together with one more page, it bounds the memory. */
const READ_AHEAD_BYTES = 16 * 1024 * 1024;

const STOPPED = 'The event source mapping was stopped before its stream was drained';

/** Records of one partition key share a lane, and so stay in order. */
const laneOf = (partitionKey: string, lanes: readonly Lane[]): Lane | undefined =>
  lanes.length === 1
    ? lanes[0]
    : lanes[createHash('md5').update(partitionKey).digest().readUInt32BE() % lanes.length];

/**
 * Moves one shard's records to the function: reads in order and a limited number ahead, into as many lanes as the
 * parallelization factor.
 *
 * @param next reads the shard's next page
 * @param passes the mapping's filter: records that do not pass are done without a delivery
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
export const createShardPoller = (
  next: () => Promise<ShardPage>,
  context: DeliveryContext,
  passes?: (data: Uint8Array) => boolean,
): ShardPoller => {
  const { settings, pace } = context;
  const stopping = new AbortController();
  const { signal } = stopping;
  context.signal.addEventListener('abort', () => stopping.abort());
  const room = createWakeUp(signal);
  const poll = createWakeUp(signal);
  let pending = 0;
  let pendingBytes = 0;
  let end: 'closed' | Error | undefined;
  let waiters: Waiter[] = [];

  const count = (records: readonly ShardRecord[], sign: 1 | -1): void => {
    pending += sign * records.length;
    for (const { eventBytes } of records) pendingBytes += sign * eventBytes;
  };
  const deliver = createDelivery({
    ...context,
    signal,
    onSettled: (records, how) => {
      count(records, -1);
      context.onSettled(records, how);
      room.wake();
      if (pending === 0 && waiters.length > 0) poll.wake();
    },
  });
  const lanes = Array.from({ length: settings.parallelizationFactor }, () =>
    createLane(settings, deliver, signal),
  );

  const filtered = (records: readonly ShardRecord[]): readonly ShardRecord[] => {
    if (passes === undefined) return records;
    const { kept = [], dropped = [] } = Object.groupBy(records, ({ data }) =>
      passes(data) ? 'kept' : 'dropped',
    );
    context.onSettled(dropped, 'filtered');
    return kept;
  };

  const release = (readAt: number): void => {
    for (const { since, resolve } of waiters) if (since <= readAt) resolve();
    waiters = waiters.filter(({ since }) => since > readAt);
  };
  const finish = ({ resolve, reject }: Waiter): void => (end instanceof Error ? reject(end) : resolve());

  const read = async (): Promise<void> => {
    let closed = false;
    while (!closed && !signal.aborted) {
      if (pending >= pace.readAheadRecords || pendingBytes >= READ_AHEAD_BYTES) {
        await room.wait();
        continue;
      }
      const readAt = performance.now();
      const page = await next();
      closed = page.closed;
      const records = filtered(page.records);
      count(records, 1);
      for (const record of records) laneOf(record.partitionKey, lanes)?.push(record);
      if (page.atTip && pending === 0) release(readAt);
      if (page.records.length === 0 && !closed) await poll.wait(pace.pollMs);
    }
    while (pending > 0 && !signal.aborted) await room.wait();
  };

  return {
    run: async () => {
      const delivered = Promise.all(lanes.map((lane) => lane.run()));
      try {
        await Promise.race([read(), delivered]);
        end = context.signal.aborted ? new Error(STOPPED) : 'closed';
      } catch (error) {
        // Stopping interrupts running calls; that is no failure.
        end = context.signal.aborted ? new Error(STOPPED) : (error as Error);
        if (!context.signal.aborted) throw error;
      } finally {
        stopping.abort();
        await Promise.allSettled([delivered]);
        waiters.forEach(finish);
      }
    },
    drained: () =>
      new Promise((resolve, reject) => {
        const waiter = { since: performance.now(), resolve, reject };
        if (end !== undefined) return finish(waiter);
        waiters.push(waiter);
        poll.wake();
      }),
  };
};
