import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record,
} from '@aws-sdk/client-dynamodb-streams';
import { LOCAL_CREDENTIALS } from '../../src/tools/emulators/aws/aws-clients.ts';
import type { DynamoDbRecord } from '../../src/pipeline/records/dynamodb-event.ts';

/** Reads the stream of a table (DynamoDB Streams) from its beginning. */
export const tableStream = (endpoint: string, streamArn: string) => {
  const client = new DynamoDBStreamsClient({ endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS });
  const iterators = new Map<string, string | undefined>();

  const open = async (): Promise<void> => {
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn: streamArn }));
    for (const { ShardId } of StreamDescription?.Shards ?? []) {
      if (ShardId === undefined || iterators.has(ShardId)) continue;
      const from = { StreamArn: streamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const };
      iterators.set(ShardId, (await client.send(new GetShardIteratorCommand(from))).ShardIterator);
    }
  };

  return {
    /** What is new since the last call, as Lambda delivers it. */
    read: async (): Promise<readonly DynamoDbRecord[]> => {
      await open();
      const found: DynamoDbRecord[] = [];
      for (const [shard, iterator] of iterators) {
        if (iterator === undefined) continue;
        const answer = await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
        iterators.set(shard, answer.NextShardIterator);
        found.push(...(answer.Records ?? []).map((record) => asDelivered(record, streamArn)));
      }
      return found;
    },
    close: () => client.destroy(),
  };
};

/** Lambda delivers times as seconds. */
const asDelivered = (record: _Record, eventSourceARN: string): DynamoDbRecord =>
  ({
    ...record,
    eventSourceARN,
    dynamodb: {
      ...record.dynamodb,
      ApproximateCreationDateTime: (record.dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0) / 1000,
    },
  }) as DynamoDbRecord;
