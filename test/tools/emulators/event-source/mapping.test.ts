import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import type { KinesisStreamEvent } from 'aws-lambda';
import { type LocalClients, localClients } from '../../../../src/tools/emulators/aws/aws-clients.ts';
import { type Emulators, startEmulators } from '../../../../src/tools/emulators/aws/emulators.ts';
import type { InvokeOutcome } from '../../../../src/tools/emulators/event-source/batch-response.ts';
import type { FailureMessage } from '../../../../src/tools/emulators/event-source/failure-message.ts';
import {
  type EventSourceMapping,
  type MappingOptions,
  startEventSourceMapping,
} from '../../../../src/tools/emulators/event-source/mapping.ts';

let emulators: Emulators;
let clients: LocalClients;
let streams = 0;
const open: EventSourceMapping[] = [];

beforeAll(async () => {
  emulators = await startEmulators({ services: ['kinesis'] });
  clients = localClients(emulators.endpoints);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((mapping) => mapping.stop()));
});
afterAll(async () => {
  clients.destroy();
  await emulators.stop();
});

interface Stream {
  readonly streamName: string;
  readonly streamArn: string;
  put(texts: readonly string[], key?: (text: string) => string): Promise<readonly string[]>;
}

const createStream = async (shards = 1): Promise<Stream> => {
  streams += 1;
  const streamName = `stream-${streams}`;
  await clients.kinesis.send(new CreateStreamCommand({ StreamName: streamName, ShardCount: shards }));
  const describe = new DescribeStreamSummaryCommand({ StreamName: streamName });
  for (;;) {
    const { StreamDescriptionSummary: summary } = await clients.kinesis.send(describe);
    if (summary?.StreamStatus === 'ACTIVE') {
      const put: Stream['put'] = async (texts, key = (text) => text) => {
        const Records = texts.map((text) => ({ PartitionKey: key(text), Data: Buffer.from(text) }));
        const { Records: results = [] } = await clients.kinesis.send(
          new PutRecordsCommand({ StreamName: streamName, Records }),
        );
        return results.map(({ SequenceNumber = '' }) => SequenceNumber);
      };
      return { streamName, streamArn: summary.StreamARN ?? '', put };
    }
  }
};

type Answer = (texts: readonly string[], event: KinesisStreamEvent, call: number) => unknown;

const textsOf = (event: KinesisStreamEvent): string[] =>
  event.Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString());

/** A function that answers with what `answer` returns or resolves to, and fails with what it throws. */
const start = (stream: Stream, answer: Answer, options: Partial<MappingOptions> = {}) => {
  const calls: string[][] = [];
  const failures: FailureMessage[] = [];
  const mapping = startEventSourceMapping({
    kinesis: clients.kinesis,
    streamName: stream.streamName,
    streamArn: stream.streamArn,
    functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:toy',
    invoke: async (event): Promise<InvokeOutcome> => {
      const requestId = `request-${calls.length + 1}`;
      const texts = textsOf(event as KinesisStreamEvent);
      calls.push(texts);
      try {
        const payload = await answer(texts, event as KinesisStreamEvent, calls.length);
        return { requestId, payload };
      } catch (error) {
        return {
          requestId,
          payload: undefined,
          functionError: { errorType: 'Error', errorMessage: String(error) },
        };
      }
    },
    onFailure: async (message) => {
      failures.push(message);
    },
    pace: { pollMs: 20, retryDelayMs: 1, maxRetryDelayMs: 4 },
    ...options,
  });
  open.push(mapping);
  return { mapping, calls, failures };
};

const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`);
const partial = { reportBatchItemFailures: true } as const;
/** Reports the first record with this text, if there is one. */
const failAt =
  (text: string): Answer =>
  (texts, event) => {
    const record = event.Records[texts.indexOf(text)];
    return { batchItemFailures: record ? [{ itemIdentifier: record.kinesis.sequenceNumber }] : [] };
  };

describe('batches', () => {
  it('have the shape that AWS gives them', async () => {
    const stream = await createStream();
    const [sequenceNumber] = await stream.put(['café'], () => 'schlüssel');
    let event: KinesisStreamEvent | undefined;
    const { mapping } = start(stream, (_, given) => {
      event = given;
    });
    await mapping.drained();
    expect(event).toEqual({
      Records: [
        {
          kinesis: {
            kinesisSchemaVersion: '1.0',
            partitionKey: 'schlüssel',
            sequenceNumber,
            data: Buffer.from('café').toString('base64'),
            approximateArrivalTimestamp: expect.any(Number),
          },
          eventSource: 'aws:kinesis',
          eventVersion: '1.0',
          eventID: `shardId-000000000000:${sequenceNumber}`,
          eventName: 'aws:kinesis:record',
          invokeIdentityArn: expect.stringMatching(/^arn:aws:iam::\d{12}:role\//),
          awsRegion: 'us-east-1',
          eventSourceARN: stream.streamArn,
        },
      ],
    });
    const seconds = event?.Records[0]?.kinesis.approximateArrivalTimestamp ?? 0;
    expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(10);
  });

  it('have the batch size, in order, and none twice', async () => {
    const stream = await createStream();
    await stream.put(numbers(250));
    const { mapping, calls } = start(stream, () => null, { settings: { batchSize: 100 } });
    await mapping.drained();
    expect(calls.map((texts) => texts.length)).toEqual([100, 100, 50]);
    expect(calls.flat()).toEqual(numbers(250));
    expect(mapping.stats()).toMatchObject({ shards: 1, invocations: 3, recordsSent: 250, recordsDone: 250 });
  });

  it('wait for the window to fill', async () => {
    const stream = await createStream();
    const { mapping, calls } = start(stream, () => null, { settings: { batchSize: 3, windowSeconds: 0.4 } });
    await mapping.drained();
    await stream.put(['a']);
    await sleep(100);
    await stream.put(['b']);
    await sleep(100);
    expect(calls).toEqual([]);
    await mapping.drained();
    expect(calls).toEqual([['a', 'b']]);
    const from = performance.now();
    await stream.put(['c', 'd', 'e']);
    await mapping.drained();
    expect(performance.now() - from).toBeLessThan(400);
    expect(calls).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
  });

  it('stay under 6 MB of payload', async () => {
    const stream = await createStream();
    const text = 'x'.repeat(1_000_000);
    for (let n = 0; n < 3; n += 1)
      await stream.put(
        Array.from({ length: 4 }, () => text),
        () => 'k',
      );
    const sizes: number[] = [];
    const { mapping, calls } = start(
      stream,
      (_, event) => {
        sizes.push(JSON.stringify(event).length);
      },
      { settings: { batchSize: 100, windowSeconds: 1 } },
    );
    await mapping.drained();
    expect(calls.map((texts) => texts.length)).toEqual([4, 4, 4]);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(6 * 1024 * 1024);
  });

  it('are taken from every shard at once, one at a time of each', async () => {
    const stream = await createStream(3);
    await stream.put(numbers(60));
    let running = 0;
    let most = 0;
    const { mapping, calls } = start(stream, async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(150);
      running -= 1;
    });
    await mapping.drained();
    expect(calls.flat().sort()).toEqual(numbers(60).sort());
    expect(most).toBe(3);
  });

  it('of one shard run in parallel, each partition key in order', async () => {
    const stream = await createStream();
    const texts = numbers(400);
    await stream.put(texts, (text) => `key-${Number(text) % 7}`);
    let running = 0;
    let most = 0;
    const seen: string[] = [];
    const busy = new Set<number>();
    const { mapping } = start(
      stream,
      async (batch) => {
        const keys = [...new Set(batch.map((text) => Number(text) % 7))];
        expect(keys.filter((key) => busy.has(key))).toEqual([]);
        for (const key of keys) busy.add(key);
        running += 1;
        most = Math.max(most, running);
        await sleep(Math.random() * 4);
        running -= 1;
        for (const key of keys) busy.delete(key);
        seen.push(...batch);
      },
      { settings: { batchSize: 10, parallelizationFactor: 4 } },
    );
    await mapping.drained();
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
    for (let key = 0; key < 7; key += 1) {
      const ofKey = (text: string) => Number(text) % 7 === key;
      expect(seen.filter(ofKey)).toEqual(texts.filter(ofKey));
    }
  });

  it('start at the tip with LATEST', async () => {
    const stream = await createStream();
    await stream.put(['old']);
    const { mapping, calls } = start(stream, () => null, { settings: { startingPosition: 'LATEST' } });
    await mapping.drained();
    await stream.put(['new']);
    await mapping.drained();
    expect(calls).toEqual([['new']]);
  });

  it('are read ahead only so far', async () => {
    const stream = await createStream();
    for (let n = 0; n < 8; n += 1) await stream.put(numbers(500));
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const spy = jest.spyOn(clients.kinesis, 'send');
    const { mapping } = start(stream, () => gate, {
      pace: { pollMs: 5, readAheadRecords: 1_000 },
    });
    await sleep(300);
    const reads = spy.mock.calls.filter(([{ input }]) => 'ShardIterator' in input).length;
    spy.mockRestore();
    expect(reads).toBe(1);
    release();
    await mapping.drained();
    expect(mapping.stats().recordsDone).toBe(4_000);
  });
});

/** https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html, and recorded answers. */
describe('the answer of a function that reports batch item failures', () => {
  it.each<[string, unknown]>([
    ['null', null],
    ['nothing', undefined],
    ['an empty string', ''],
    ['an empty list', []],
    ['an empty object', {}],
    ['no failures', { batchItemFailures: [] }],
    ['null failures', { batchItemFailures: null }],
    ['another object', { statusCode: 200 }],
  ])('is success when it is %s', async (_, payload) => {
    const stream = await createStream();
    await stream.put(['a', 'b']);
    const { mapping, calls } = start(stream, () => payload, { settings: partial });
    await mapping.drained();
    expect(calls).toEqual([['a', 'b']]);
  });

  it.each<[string, unknown]>([
    ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['a null identifier', { batchItemFailures: [{ itemIdentifier: null }] }],
    ['an unknown identifier', { batchItemFailures: [{ itemIdentifier: '12345' }] }],
    ['a number for an identifier', { batchItemFailures: [{ itemIdentifier: 12345 }] }],
    ['a wrong key', { batchItemFailures: [{ foo: '12345' }] }],
    ['null for a failure', { batchItemFailures: [null] }],
    ['no list', { batchItemFailures: 'all' }],
  ])('fails the whole batch when it has %s', async (_, payload) => {
    const stream = await createStream();
    await stream.put(['a', 'b']);
    const answer: Answer = (_texts, _event, call) => (call === 1 ? payload : null);
    const { mapping, calls } = start(stream, answer, { settings: partial });
    await mapping.drained();
    expect(calls).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(mapping.stats()).toMatchObject({ retries: 1, recordsDone: 2 });
  });

  it('fails the whole batch when one of several identifiers is unknown', async () => {
    const stream = await createStream();
    const [, b] = await stream.put(['a', 'b']);
    const failures = [b, '1'].map((itemIdentifier) => ({ itemIdentifier }));
    const answer: Answer = (_texts, _event, call) => (call === 1 ? { batchItemFailures: failures } : null);
    const { mapping, calls } = start(stream, answer, { settings: partial });
    await mapping.drained();
    expect(calls[1]).toEqual(['a', 'b']);
  });

  it('has everything delivered again from the lowest number on, and nothing before', async () => {
    const stream = await createStream();
    const sequenceNumbers = await stream.put(['a', 'b', 'c', 'd', 'e']);
    const failures = [sequenceNumbers[3], sequenceNumbers[2]].map((itemIdentifier) => ({ itemIdentifier }));
    const answer: Answer = (_texts, _event, call) => (call === 1 ? { batchItemFailures: failures } : null);
    const { mapping, calls } = start(stream, answer, { settings: partial });
    await mapping.drained();
    expect(calls).toEqual([
      ['a', 'b', 'c', 'd', 'e'],
      ['c', 'd', 'e'],
    ]);
    expect(mapping.stats()).toMatchObject({ partialFailures: 1, retries: 0, recordsDone: 5, recordsSent: 8 });
  });

  it('is not looked at unless so set', async () => {
    const stream = await createStream();
    await stream.put(['a', 'b']);
    const { mapping, calls } = start(stream, failAt('b'));
    await mapping.drained();
    expect(calls).toEqual([['a', 'b']]);
  });
});

describe('retries', () => {
  it('deliver the whole batch again after a function error, before anything newer', async () => {
    const stream = await createStream();
    await stream.put(['a', 'b', 'c']);
    const answer: Answer = (_texts, _event, call) => {
      if (call < 3) throw new Error('not yet');
    };
    const { mapping, calls } = start(stream, answer, { settings: { batchSize: 2 } });
    await mapping.drained();
    expect(calls).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b'], ['c']]);
  });

  it('end with a message to the on-failure destination, and the shard goes on', async () => {
    const stream = await createStream();
    const sequenceNumbers = await stream.put(['a', 'b', 'c']);
    const answer: Answer = (texts) => {
      if (texts.includes('a')) throw new Error('never');
    };
    const settings = { batchSize: 2, maximumRetryAttempts: 2 };
    const { mapping, calls, failures } = start(stream, answer, { settings });
    await mapping.drained();
    expect(calls).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b'], ['c']]);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(failures).toEqual([
      {
        requestContext: {
          requestId: 'request-3',
          functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:toy',
          condition: 'RetryAttemptsExhausted',
          approximateInvokeCount: 3,
        },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        version: '1.0',
        timestamp: time,
        KinesisBatchInfo: {
          shardId: 'shardId-000000000000',
          startSequenceNumber: sequenceNumbers[0],
          endSequenceNumber: sequenceNumbers[1],
          approximateArrivalOfFirstRecord: time,
          approximateArrivalOfLastRecord: time,
          batchSize: 2,
          streamArn: stream.streamArn,
        },
      },
    ]);
    expect(mapping.stats()).toMatchObject({ recordsDone: 1, recordsDiscarded: 2, retries: 2 });
  });

  it('are counted anew when the checkpoint advances', async () => {
    const stream = await createStream();
    const sequenceNumbers = await stream.put(['a', 'b', 'c']);
    const settings = { ...partial, maximumRetryAttempts: 3 };
    const { mapping, calls, failures } = start(stream, failAt('c'), { settings });
    await mapping.drained();
    // Five deliveries of the last record, as recorded of AWS: one in the batch, one alone, and three retries.
    expect(calls).toEqual([['a', 'b', 'c'], ['c'], ['c'], ['c'], ['c']]);
    expect(failures).toMatchObject([
      {
        requestContext: { condition: 'RetryAttemptsExhausted' },
        responseContext: { functionError: null },
        KinesisBatchInfo: { startSequenceNumber: sequenceNumbers[2], batchSize: 1 },
      },
    ]);
  });

  it('isolate a poison record by halving, without using up retries', async () => {
    const stream = await createStream();
    const texts = numbers(16);
    const sequenceNumbers = await stream.put(texts);
    const done: string[] = [];
    const answer: Answer = (batch) => {
      if (batch.includes('5')) throw new Error('poison');
      done.push(...batch);
    };
    const settings = { batchSize: 16, bisectBatchOnFunctionError: true, maximumRetryAttempts: 1 };
    const { mapping, calls, failures } = start(stream, answer, { settings });
    await mapping.drained();
    expect(done).toEqual(texts.filter((text) => text !== '5'));
    expect(failures).toMatchObject([
      { KinesisBatchInfo: { startSequenceNumber: sequenceNumbers[5], batchSize: 1 } },
    ]);
    expect(calls.filter((batch) => batch.length === 1 && batch[0] === '5')).toHaveLength(2);
    expect(mapping.stats()).toMatchObject({
      bisections: 4,
      retries: 1,
      recordsDiscarded: 1,
      recordsDone: 15,
    });
  });

  it('do not begin for records over the maximum age', async () => {
    const stream = await createStream();
    await stream.put(['old', 'older']);
    await sleep(1_100);
    await stream.put(['new']);
    const settings = { maximumRecordAgeSeconds: 1 };
    const { mapping, calls, failures } = start(stream, () => null, { settings });
    await mapping.drained();
    expect(calls).toEqual([['new']]);
    expect(failures).toMatchObject([
      { requestContext: { condition: 'RecordAgeExceeded' }, KinesisBatchInfo: { batchSize: 2 } },
    ]);
    expect(failures[0]).not.toHaveProperty('responseContext');
  });
});

describe('drained', () => {
  it('waits for what is under way', async () => {
    const stream = await createStream();
    await stream.put(['a']);
    let finished = false;
    const { mapping } = start(stream, async () => {
      await sleep(200);
      finished = true;
    });
    await mapping.drained();
    expect(finished).toBe(true);
  });

  it('rejects when the mapping is stopped before', async () => {
    const stream = await createStream();
    await stream.put(['a']);
    const { mapping } = start(stream, () => {
      throw new Error('never');
    });
    const drained = mapping.drained();
    drained.catch(() => {});
    await sleep(50);
    await mapping.stop();
    await expect(drained).rejects.toThrow('stopped before');
    await expect(mapping.drained()).rejects.toThrow('stopped before');
  });

  it('rejects when there is no such stream', async () => {
    const missing = { streamName: 'missing', streamArn: 'arn:aws:kinesis:us-east-1:0:stream/missing' };
    const { mapping } = start({ ...missing, put: async () => [] }, () => null);
    await expect(mapping.drained()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('rejects when the invocation or the on-failure destination is refused', async () => {
    const stream = await createStream(2);
    await stream.put(['a']);
    const refused = start(stream, () => null, {
      invoke: () => Promise.reject(new Error('no such function')),
    });
    await expect(refused.mapping.drained()).rejects.toThrow('no such function');
    const answer: Answer = () => {
      throw new Error('never');
    };
    const onFailure = () => Promise.reject(new Error('no such queue'));
    const lost = start(stream, answer, { settings: { maximumRetryAttempts: 0 }, onFailure });
    await expect(lost.mapping.drained()).rejects.toThrow('no such queue');
  });
});
