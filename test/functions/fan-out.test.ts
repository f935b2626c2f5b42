import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-kinesis';
import type { handler as Handler } from '../../src/functions/fan-out.ts';
import {
  LOCAL_CREDENTIALS,
  type LocalClients,
  localClients,
} from '../../src/tools/emulators/aws/aws-clients.ts';
import { type Emulators, startEmulators } from '../../src/tools/emulators/aws/emulators.ts';
import { createStream, createTables } from '../../src/tools/emulators/aws/tables.ts';
import { decode } from '../../src/pipeline/records/decode.ts';
import { scan } from '../../src/tools/invoke/inspect.ts';
import { dynamoDbEvent, sequenceNumber, tableChange } from '../support/table-changes.ts';

let emulators: Emulators;
let clients: LocalClients;
const log: string[] = [];
let streams = 0;

beforeAll(async () => {
  emulators = await startEmulators();
  clients = localClients(emulators.endpoints);
  await createTables(clients.dynamodb, {
    tables: {
      Rejects: {
        TableName: 'rejects',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['shard', 'sequence_number'].map((AttributeName) => ({
          AttributeName,
          AttributeType: 'S',
        })),
        KeySchema: [
          { AttributeName: 'shard', KeyType: 'HASH' },
          { AttributeName: 'sequence_number', KeyType: 'RANGE' },
        ],
      },
    },
  });
});
afterAll(async () => {
  clients.destroy();
  await emulators.stop();
});

const BASE = { ...process.env };

/** The function in this process, in front of a stream of its own with one shard. */
const start = async (environment: Readonly<Record<string, string>> = {}) => {
  streams += 1;
  const stream = `changes-${streams}`;
  await createStream(clients.kinesis, { name: stream, shards: 1 });
  process.env = {
    ...BASE,
    ...emulators.endpoints,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    POWERTOOLS_SERVICE_NAME: 'labelstream-test',
    POWERTOOLS_METRICS_NAMESPACE: 'labelstream',
    STREAM_NAME: stream,
    REJECTS_TABLE: 'rejects',
    ...environment,
  };
  log.length = 0;
  // Powertools writes past the global console.
  for (const output of [process.stdout, process.stderr]) {
    jest.spyOn(output, 'write').mockImplementation((text) => {
      log.push(...String(text).trim().split('\n'));
      return true;
    });
  }
  let handler: typeof Handler | undefined;
  await jest.isolateModulesAsync(async () => {
    ({ handler } = await import('../../src/functions/fan-out.ts'));
  });
  return {
    send: async (event: unknown, remainingMs = 30_000) => {
      const deadline = Date.now() + remainingMs;
      const context = { awsRequestId: 'request', getRemainingTimeInMillis: () => deadline - Date.now() };
      return handler?.(event as DynamoDBStreamEvent, context as never);
    },
    /** What is in the stream, in its order. */
    changes: async () => {
      const { ShardIterator } = await clients.kinesis.send(
        new GetShardIteratorCommand({
          StreamName: stream,
          ShardId: 'shardId-000000000000',
          ShardIteratorType: 'TRIM_HORIZON',
        }),
      );
      const { Records = [] } = await clients.kinesis.send(new GetRecordsCommand({ ShardIterator }));
      return Records.map(({ Data = Buffer.of() }) => decode(Buffer.from(Data)));
    },
  };
};

const DONE = { batchItemFailures: [] };
const event = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'events', `${name}.json`), 'utf8'));

describe('fanOut', () => {
  it('forwards the changes of a table in their order, and leaves out a label that was written back', async () => {
    const subject = await start();
    expect(await subject.send(event('dynamodb-stream'))).toEqual(DONE);
    const changes = await subject.changes();
    expect(changes.map(({ eventName, keys }) => [eventName, keys?.id?.S])).toEqual(
      expect.arrayContaining([
        ['INSERT', 'd-1'],
        ['MODIFY', 'd-1'],
        ['INSERT', 'd-2'],
        ['REMOVE', 'd-2'],
      ]),
    );
    expect(changes).toHaveLength(4);
    for (const id of ['d-1', 'd-2']) {
      const numbers = changes.flatMap(({ keys, changeNumber }) => (keys?.id?.S === id ? [changeNumber] : []));
      expect(numbers).toEqual(numbers.toSorted());
    }
    expect(log.join()).toMatch(/"Changes":5/);
    expect(log.join()).toMatch(/"ChangesForwarded":4,"ChangesSkipped":1/);
    expect(log.join()).not.toMatch(/taxi|PIN/);
  });

  it('forwards more changes than a call takes', async () => {
    const subject = await start();
    const records = Array.from({ length: 1_200 }, (_, index) => tableChange(`item-${index % 700}`, 'x'));
    expect(await subject.send(dynamoDbEvent(records))).toEqual(DONE);
    expect(await subject.changes()).toHaveLength(1_200);
  });

  it('reports the first change that is not forwarded', async () => {
    const subject = await start({ STREAM_NAME: 'no-such-stream' });
    expect(await subject.send(dynamoDbEvent([tableChange('a', 'x'), tableChange('b', 'x')]))).toEqual({
      batchItemFailures: [{ itemIdentifier: sequenceNumber(0) }],
    });
    expect(log.join()).toMatch(/ResourceNotFoundException/);
  });

  it('reports the first change that was not reached where there is no time left', async () => {
    const subject = await start();
    expect(await subject.send(dynamoDbEvent([tableChange('a', 'x')]), 1_000)).toEqual({
      batchItemFailures: [{ itemIdentifier: sequenceNumber(0) }],
    });
    expect(await subject.changes()).toEqual([]);
  });

  it('stores a change that no Kinesis record holds before it is acknowledged', async () => {
    const subject = await start();
    const records = [tableChange('a', 'x'.repeat(1_100_000)), tableChange('b', 'x')];
    expect(await subject.send(dynamoDbEvent(records))).toEqual(DONE);
    expect(await subject.changes()).toHaveLength(1);
    const rejects = [];
    for await (const item of scan(clients.dynamodb, 'rejects')) rejects.push(item);
    expect(rejects).toEqual([
      expect.objectContaining({ sequence_number: { S: sequenceNumber(0) }, code: { S: 'record-too-large' } }),
    ]);
  });

  it('refuses an event that is none of a DynamoDB stream', async () => {
    const subject = await start();
    await expect(subject.send(event('insert'))).rejects.toThrow(/expected a DynamoDB stream record/);
  });

  it('fails its init on a faulty environment', async () => {
    await expect(start({ STREAM_NAME: '', TEXT_ATTRIBUTES: 'text:xml' })).rejects.toThrow(
      /TEXT_ATTRIBUTES.*STREAM_NAME|STREAM_NAME.*TEXT_ATTRIBUTES/s,
    );
  });
});
