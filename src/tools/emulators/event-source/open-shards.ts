import {
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListShardsCommand,
  type Shard,
} from '@aws-sdk/client-kinesis';
import { pause } from './pause.ts';
import { must } from '../../../errors.ts';

const ACTIVE_POLL_MS = 50;

/** A shard and those it came from by a split or merge, which have to be delivered before it. */
export interface ShardOfStream {
  readonly shardId: string;
  readonly parents: readonly string[];
}

const toShard = ({ ShardId, ParentShardId, AdjacentParentShardId }: Shard): ShardOfStream => ({
  shardId: must(ShardId, 'ShardId of a shard'),
  parents: [ParentShardId, AdjacentParentShardId].filter((parent) => parent !== undefined),
});

/**
 * All shards of a stream that can still be read, parents first, once the stream is active.
 *
 * @throws errors of Kinesis: ResourceNotFoundException when the stream does not exist
 * @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html
 */
export const listShards = async (
  kinesis: KinesisClient,
  streamName: string,
  signal: AbortSignal,
): Promise<readonly ShardOfStream[]> => {
  const describe = new DescribeStreamSummaryCommand({ StreamName: streamName });
  while (!signal.aborted) {
    const { StreamDescriptionSummary } = await kinesis.send(describe);
    if (StreamDescriptionSummary?.StreamStatus === 'ACTIVE') break;
    await pause(ACTIVE_POLL_MS, signal);
  }
  const shards: ShardOfStream[] = [];
  let more: string | undefined;
  do {
    const request = more === undefined ? { StreamName: streamName } : { NextToken: more };
    const { Shards = [], NextToken } = await kinesis.send(new ListShardsCommand(request));
    shards.push(...Shards.map(toShard));
    more = NextToken;
  } while (more !== undefined);
  // A shard's number is higher than its parents'.
  return shards.sort((a, b) => (a.shardId < b.shardId ? -1 : 1));
};
