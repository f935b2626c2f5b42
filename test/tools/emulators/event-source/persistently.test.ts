import { KinesisServiceException } from '@aws-sdk/client-kinesis';
import { TransientError } from '../../../../src/errors.ts';
import { createOutage } from '../../../../src/tools/chaos/bad-day/outage.ts';
import { startEventSourceMapping } from '../../../../src/tools/emulators/event-source/mapping.ts';
import { failedBatches } from '../../../../src/tools/ingest/failed-batches.ts';
import { isPassing, persistently } from '../../../../src/tools/emulators/event-source/persistently.ts';

const internal = () =>
  new KinesisServiceException({
    name: 'InternalFailure',
    $fault: 'server',
    $metadata: { httpStatusCode: 500 },
  });

describe('persistently', () => {
  it('waits out what passes', async () => {
    let calls = 0;
    const work = async () => {
      calls += 1;
      if (calls < 4) throw internal();
      return 'done';
    };
    expect(await persistently(work)).toBe('done');
  });

  it.each<[boolean, string, unknown]>([
    [true, 'a fault of the service', internal()],
    [true, 'throttling', Object.assign(new Error('no'), { name: 'ThrottlingException', $fault: 'client' })],
    [true, 'a refused connection', Object.assign(new Error('no'), { code: 'ECONNREFUSED' })],
    [true, 'an error that one of these has caused', new TransientError('no', { cause: internal() })],
    [
      false,
      'a missing table',
      Object.assign(new Error('no'), { name: 'ResourceNotFoundException', $fault: 'client' }),
    ],
    [false, 'a mistake', new TypeError('no')],
    [false, 'nothing', undefined],
  ])('is right to be (%s) about %s', (expected, _, error) => {
    expect(isPassing(error)).toBe(expected);
  });

  it('throws what does not pass, and what has not passed in time', async () => {
    await expect(persistently(() => Promise.reject(new TypeError('no')))).rejects.toThrow(TypeError);
    const always = () => Promise.reject(internal());
    await expect(persistently(always, { patienceMs: 100 })).rejects.toThrow(KinesisServiceException);
    await expect(persistently(always, { abortSignal: AbortSignal.abort() })).rejects.toThrow(
      KinesisServiceException,
    );
  });
});

describe('the event source mapping', () => {
  it('goes on reading after a dozen errors of Kinesis in a row', async () => {
    const Records = [{ SequenceNumber: '1', PartitionKey: 'a', Data: Buffer.from('x') }];
    const answers: Readonly<Record<string, object>> = {
      DescribeStreamSummaryCommand: { StreamDescriptionSummary: { StreamStatus: 'ACTIVE' } },
      ListShardsCommand: { Shards: [{ ShardId: 'shardId-0' }] },
      GetShardIteratorCommand: { ShardIterator: 'i' },
    };
    let reads = 0;
    const send = async (command: object) => {
      const answer = answers[command.constructor.name];
      if (answer !== undefined) return answer;
      reads += 1;
      if (reads < 13) throw internal();
      return { Records: reads === 13 ? Records : [], NextShardIterator: 'i', MillisBehindLatest: 0 };
    };
    let delivered = 0;
    const mapping = startEventSourceMapping({
      kinesis: { send } as never,
      streamName: 'changes',
      streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/changes',
      invoke: async () => {
        delivered += 1;
        return { requestId: 'x', payload: null };
      },
    });
    await mapping.drained();
    await mapping.stop();
    expect(delivered).toBe(1);
  }, 60_000);
});

describe('failed batches of an ingest', () => {
  it('are sent through the stream again, until none is left', async () => {
    const put: number[] = [];
    const kinesis = {
      send: async (command: { readonly input: { readonly Records?: readonly unknown[] } }) => {
        const name = command.constructor.name;
        if (name === 'GetShardIteratorCommand') return { ShardIterator: 'i' };
        if (name === 'GetRecordsCommand')
          return {
            Records: [{ SequenceNumber: '5', PartitionKey: 'a', Data: Buffer.from('x') }],
            MillisBehindLatest: 0,
          };
        put.push(command.input.Records?.length ?? 0);
        return { Records: command.input.Records?.map(() => ({ SequenceNumber: '9' })) };
      },
    };
    const failed = failedBatches({ kinesis: kinesis as never, names: { stream: 'changes' } });
    const message = {
      timestamp: '2026-01-01T00:00:00.000Z',
      requestContext: { condition: 'RetryAttemptsExhausted' },
      KinesisBatchInfo: {
        ...{ shardId: 'shardId-0', startSequenceNumber: '5', endSequenceNumber: '5', batchSize: 1 },
        streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/changes',
      },
    } as never;
    await failed.onFailure(message);
    let drains = 0;
    const records = await failed.redrive(async () => {
      drains += 1;
      // Given up a second time, and then no more.
      if (drains === 1) await failed.onFailure(message);
    });
    expect([records, drains, put]).toEqual([2, 2, [1, 1]]);
    expect(await failed.redrive(async () => undefined)).toBe(0);
  });
});

describe('an outage', () => {
  it('begins when it is time, lets nothing through while it lasts, and Kinesis be back before DynamoDB', () => {
    let now = 0;
    let hasCome = false;
    const outage = createOutage({ seconds: 60, hasCome: () => hasCome, now: () => now });
    const [dynamodb, kinesis] = [outage.dynamodb(() => undefined), outage.kinesis(() => 'delayed')];
    expect([dynamodb('UpdateItem'), kinesis('GetRecords')]).toEqual([undefined, 'delayed']);
    hasCome = true;
    expect(['internal', 'dropped']).toContain(dynamodb('UpdateItem'));
    now = 9_000;
    expect(['internal', 'dropped']).toContain(kinesis('GetRecords'));
    now = 11_000;
    expect(kinesis('GetRecords')).toBe('delayed');
    expect(['internal', 'dropped']).toContain(dynamodb('UpdateItem'));
    now = 60_000;
    expect(dynamodb('UpdateItem')).toBeUndefined();
  });

  it('does not come where it has no length', () => {
    const outage = createOutage({ seconds: 0, hasCome: () => true });
    expect(outage.dynamodb(() => undefined)('UpdateItem')).toBeUndefined();
  });
});
