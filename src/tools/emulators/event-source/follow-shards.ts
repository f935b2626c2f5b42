import type { ShardOfStream } from './open-shards.ts';
import type { EventSourceSettings } from './settings.ts';
import type { ShardPoller } from './shard-poller.ts';

/** The delivery of all shards of a stream. */
export interface ShardFollower {
  /** Shards that have been seen so far, closed ones among them. */
  count(): number;
  /** Resolves when every shard is drained, and those into which a closed one was split or merged. */
  drained(): Promise<void>;
  /** Resolves, after the signal aborts, when all work has ended. */
  settled(): Promise<void>;
}

interface FollowOptions {
  readonly startingPosition: EventSourceSettings['startingPosition'];
  readonly signal: AbortSignal;
  /** Receives the errors of reading or delivering a shard, or of listing shards. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Follows the shards of a stream through splits and merges: a child is read when its parents are at their end, also one
 * that appears later. Such a child is read from its start, because its records are newer than the mapping.
 *
 * @param list all shards of the stream, parents first
 * @see https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-after-resharding.html
 */
export const followShards = (
  list: () => Promise<readonly ShardOfStream[]>,
  pollerOf: (shardId: string, startingPosition: EventSourceSettings['startingPosition']) => ShardPoller,
  { startingPosition, signal, onFault }: FollowOptions,
): ShardFollower => {
  const pollers = new Map<string, ShardPoller>();
  const runs = new Map<string, Promise<void>>();

  /** Reads a shard to its end; resolves when its children, too, are known. */
  const run = async ({ parents }: ShardOfStream, poller: ShardPoller): Promise<void> => {
    for (const parent of parents) await runs.get(parent);
    await poller.run();
    if (!signal.aborted) await discover('TRIM_HORIZON');
  };
  const discover = async (from: EventSourceSettings['startingPosition']): Promise<void> => {
    for (const shard of await list()) {
      if (pollers.has(shard.shardId)) continue;
      const poller = pollerOf(shard.shardId, from);
      pollers.set(shard.shardId, poller);
      const running = run(shard, poller);
      running.catch(onFault);
      runs.set(shard.shardId, running);
    }
  };
  const started = discover(startingPosition);
  started.catch(onFault);

  const drained = async (): Promise<void> => {
    await started;
    for (let known = 0; known < pollers.size;) {
      known = pollers.size;
      await Promise.all([...pollers.values()].map((poller) => poller.drained()));
      // A shard may seem read to its tip and yet be closed, with records in its children.
      await discover('TRIM_HORIZON');
    }
  };
  return {
    count: () => pollers.size,
    drained,
    settled: async () => {
      await Promise.allSettled([started]);
      await Promise.allSettled(runs.values());
    },
  };
};
