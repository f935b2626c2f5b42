import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DynamoDBClient, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  type _Record,
  DescribeStreamCommand,
  KinesisClient,
  PutRecordsCommand,
  type PutRecordsCommandInput,
} from '@aws-sdk/client-kinesis';
import { PermanentError } from '../../../../src/errors.ts';
import { localClients } from '../../../../src/tools/emulators/aws/aws-clients.ts';
import { type Emulators, startEmulators } from '../../../../src/tools/emulators/aws/emulators.ts';
import { failureMessage } from '../../../../src/tools/emulators/event-source/failure-message.ts';
import { groupByReason, listFailedBatches, listRejects } from '../../../../src/tools/stage/redrive/list.ts';
import { putRecords } from '../../../../src/streams/put-records.ts';
import { takeMessages } from '../../../../src/tools/stage/redrive/queue.ts';
import { readRange } from '../../../../src/tools/stage/redrive/read-range.ts';
import { sendFailedBatches } from '../../../../src/tools/stage/redrive/send-failed-batches.ts';
import { sendRejects, type SendOptions } from '../../../../src/tools/stage/redrive/send-rejects.ts';
import { openTarget, type Target } from '../../../../src/tools/stage/redrive/target.ts';
import { aggregate } from '../../../../src/tools/emulators/aws/kpl-aggregate.ts';
import { createStream, createTables } from '../../../../src/tools/emulators/aws/tables.ts';
import { labelBatch } from '../../../../src/pipeline/label-batch.ts';
import { toStreamRecords } from '../../../../src/pipeline/records/kinesis-event.ts';
import {
  READER,
  toyModels as toysThat,
  UNSCORABLE,
} from '../../../../src/tools/chaos/histories/toy-models.ts';
import type { Models } from '../../../../src/tasks/model.ts';
import { rejectsTable } from '../../../../src/stores/rejects-table.ts';
import { memoryLabels, NO_DEADLINE, SETTINGS, toyModels } from '../../../support/fakes.ts';
import { mockQueue } from '../../../support/queue.ts';
import { command, execProgram } from '../../../support/run-program.ts';
import { base64, change } from '../../../support/records.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const SHARD = 'shardId-000000000000';
const NUMBER = '49650000000000000000000000000000000000000000000000000001';

let emulators: Emulators;
let target: Target;
let stage = 0;
let queue: ReturnType<typeof mockQueue>;

beforeAll(async () => {
  emulators = await startEmulators();
});
afterAll(() => emulators.stop());
afterEach(() => {
  jest.restoreAllMocks();
  queue.restore();
  target.close();
});
// Tables and stream of its own for each test.
beforeEach(async () => {
  stage += 1;
  queue = mockQueue(`labelstream-t${stage}-failed-batches`);
  const { dynamodb, kinesis, destroy } = localClients(emulators.endpoints);
  const keys = ['shard', 'sequence_number'];
  const TableName = `labelstream-t${stage}-rejects`;
  await createTables(dynamodb, {
    tables: {
      rejects: {
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: keys.map((AttributeName, index) => ({
          AttributeName,
          KeyType: index ? 'RANGE' : 'HASH',
        })),
      },
    },
  });
  await createStream(kinesis, { name: `labelstream-t${stage}-changes`, shards: 1 });
  destroy();
  const environment = { ...emulators.endpoints, AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' };
  target = await openTarget({ root: ROOT, stage: `t${stage}`, environment });
});

const all = async <Entry>(entries: AsyncIterable<Entry>): Promise<Entry[]> => {
  const array: Entry[] = [];
  for await (const entry of entries) array.push(entry);
  return array;
};

/** All that is in the stream, in its order. */
const inStream = async (): Promise<readonly _Record[]> =>
  (await all(readRange(target.kinesis, { ...shard(), start: await horizon(), end: '9'.repeat(60) }))).flat();
const shard = () => ({ stream: target.names.stream, shardId: SHARD });
const horizon = async (): Promise<string> => {
  const describe = new DescribeStreamCommand({ StreamName: target.names.stream });
  const { StreamDescription } = await target.kinesis.send(describe);
  return StreamDescription?.Shards?.[0]?.SequenceNumberRange?.StartingSequenceNumber ?? '';
};
const texts = async (): Promise<readonly string[]> =>
  (await inStream()).map(({ Data }) => Buffer.from(Data ?? []).toString());

const put = (...records: readonly (readonly [string, string | Uint8Array])[]) =>
  putRecords(target.kinesis, { stream: target.names.stream }).put(
    records.map(([partitionKey, data]) => ({ partitionKey, data: Buffer.from(data as string) })),
  );

const reject = (
  data: string,
  sequenceNumber = NUMBER,
  other: { partitionKey?: string; code?: 'bad-utf8' } = {},
) => ({
  shard: `${target.names.stream}/${SHARD}`,
  sequenceNumber,
  partitionKey: other.partitionKey ?? 'key',
  data,
  error: new PermanentError(other.code ?? 'bad-json', 'data (3 characters) is not JSON'),
});
const store = (maxPayloadBytes = 350_000, now = Date.now) =>
  rejectsTable(target.dynamodb, { table: target.names.rejects, maxPayloadBytes, now });
const storedRejects = async (): Promise<readonly string[]> => {
  const request = new ScanCommand({ TableName: target.names.rejects, ConsistentRead: true });
  return ((await target.dynamodb.send(request)).Items ?? []).map((item) => item.sequence_number?.S ?? '');
};
const send = (selection = {}, options: SendOptions = {}) =>
  all(sendRejects(target, selection, { pauseMs: 1, ...options }));
const sendBatches = async (selection = {}, options: SendOptions = {}) => {
  if (!target.sqs) throw new Error('there is no queue');
  await using messages = await takeMessages(target.sqs, target.names.failedBatches);
  if (!messages) throw new Error('there is no queue');
  return all(sendFailedBatches(target, messages, selection, { pauseMs: 1, ...options }));
};

/** The OnFailure message of a batch of these records of the stream. */
const failedBatch = (records: readonly Pick<_Record, 'SequenceNumber'>[], streamArn: string): string =>
  JSON.stringify(
    failureMessage(
      records.map(({ SequenceNumber = '' }) => ({
        sequenceNumber: SequenceNumber,
        partitionKey: '',
        data: new Uint8Array(),
        arrivedMs: 0,
        readAt: 0,
        eventBytes: 0,
      })),
      { shardId: SHARD, streamArn },
      {
        requestId: 'id',
        functionArn: 'arn',
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 11,
      },
      true,
    ),
  );
const arn = () => `arn:aws:kinesis:us-east-1:000000000000:stream/${target.names.stream}`;

describe('redrive of rejects', () => {
  it('puts poison that the function rejected back byte for byte, and forgets the rejects', async () => {
    const poison = [base64(Buffer.from([0xff, 0xfe, 0x00])), base64('{not JSON'), change('a', 'fine')];
    const event = {
      Records: poison.map((data, index) => ({
        eventID: `${SHARD}:${index}`,
        eventSourceARN: arn(),
        kinesis: { data, sequenceNumber: NUMBER.replace(/.$/, String(index)), partitionKey: `key-${index}` },
      })),
    };
    const parts = { models: toyModels(), labels: memoryLabels(), settings: SETTINGS };
    await labelBatch(toStreamRecords(event), { ...parts, rejects: store() }, NO_DEADLINE);

    expect(await groupByReason(listRejects(target, {}, false))).toMatchObject([
      { kind: 'reject', code: 'bad-utf8', count: 1 },
      { kind: 'reject', code: 'bad-json', count: 1 },
    ]);
    const sent = await send();
    expect(sent).toHaveLength(2);
    expect(sent.filter(({ kept }) => kept !== undefined)).toEqual([]);
    expect(
      (await inStream()).map(({ Data, PartitionKey }) => [PartitionKey, base64(Data ?? new Uint8Array())]),
    ).toEqual([
      ['key-0', poison[0]],
      ['key-1', poison[1]],
    ]);
    expect(await storedRejects()).toEqual([]);
  });

  it('sends a question that had no answer through again, which then gets one', async () => {
    const texts = {
      question: { S: UNSCORABLE },
      context: { S: 'In the bank.' },
      model_type: { S: READER.id },
    };
    const data = change('a', undefined, { newImage: { id: { S: 'a' }, ...texts } });
    const labelled = async (batch: readonly (readonly [string, string])[], models: Models) => {
      // As the stores do with what a model could not answer.
      const labels = memoryLabels(({ labels: [only] }) =>
        only?.answer && 'error' in only.answer ? { kind: 'rejected', error: only.answer.error } : undefined,
      );
      const Records = batch.map(([partitionKey, data], index) => ({
        eventID: `${SHARD}:${index}`,
        eventSourceARN: arn(),
        kinesis: { data, sequenceNumber: NUMBER, partitionKey },
      }));
      const parts = { models, labels, settings: SETTINGS, rejects: store() };
      await labelBatch(toStreamRecords({ Records }), parts, NO_DEADLINE);
      return labels.writes.map(({ labels: [only] }) => only);
    };
    await labelled([['key-0', data]], toyModels());
    expect(await groupByReason(listRejects(target, {}, false))).toMatchObject([
      { kind: 'reject', code: 'bad-score', count: 1 },
    ]);

    expect(await send()).toHaveLength(1);
    const again = (await inStream()).map(
      ({ Data, PartitionKey = '' }) => [PartitionKey, base64(Data ?? new Uint8Array())] as const,
    );
    const spans = [{ answer: 'the bank', score: 0.5, start: 3, end: 11 }];
    const better = toysThat(() => ({ spans }));
    expect(await labelled(again, better)).toEqual([{ model: READER, answer: { spans } }]);
    expect(await storedRejects()).toEqual([]);
  });

  it('lists sizes and digests, and nothing of the data', async () => {
    const data = base64('a secret');
    await store().put([reject(data)]);
    const [line] = await all(listRejects(target, {}, true));
    expect(line).toEqual({
      kind: 'reject',
      code: 'bad-json',
      reason: 'data (3 characters) is not JSON',
      shard: `${target.names.stream}/${SHARD}`,
      sequence_number: NUMBER,
      partition_key: 'key',
      at: expect.stringMatching(/^20..-/),
      stored: true,
      payload_bytes: data.length,
      payload_sha256: createHash('sha256').update(data).digest('hex'),
    });
  });

  it.each([
    ['code', { codes: ['bad-utf8'] }, ['2']],
    ['sequence number', { sequences: ['1'] }, ['1']],
    ["aggregate's sequence number", { sequences: ['3'] }, ['3#0', '3#1']],
    ['shard', { shards: [SHARD] }, ['1', '2', '3#0', '3#1']],
    ['another shard', { shards: ['shardId-000000000001'] }, []],
  ])('chooses by %s', async (_, selection, expected) => {
    await store().put([
      reject('YQ==', '1'),
      reject('YQ==', '2', { code: 'bad-utf8' }),
      reject('YQ==', '3#0'),
      reject('YQ==', '3#1'),
    ]);
    const sent = await send(selection, { dryRun: true });
    expect(sent.map(({ what }) => what.split(' ')[1])).toEqual(expected);
  });

  it('sends in the order of the stream, inner records of an aggregate by their place in it', async () => {
    const numbers = ['10', '9', '9#10', '9#2'];
    await store().put(numbers.map((number) => reject(base64(number), number)));
    await send();
    expect(await texts()).toEqual(['9', '9#2', '9#10', '10']);
  });

  it('sends and deletes nothing in a dry run', async () => {
    await store().put([reject('YQ==')]);
    expect(await send({}, { dryRun: true })).toMatchObject([{ records: 1 }]);
    expect(await inStream()).toEqual([]);
    expect(await storedRejects()).toEqual([NUMBER]);
  });

  it('reads data that was too large to store from the stream', async () => {
    const large = randomBytes(10_000);
    await put(['key', 'before'], ['key', large], ['key', 'after']);
    const [, original] = await inStream();
    await store(1_000).put([reject(base64(large), original?.SequenceNumber)]);
    expect(await send()).toEqual([expect.not.objectContaining({ kept: expect.anything() })]);
    expect((await inStream()).map(({ Data }) => Data?.length)).toEqual([6, 10_000, 5, 10_000]);
    expect(Buffer.compare(large, (await inStream())[3]?.Data ?? large.subarray(1))).toBe(0);
    expect(await storedRejects()).toEqual([]);
  });

  it('reads an inner record of a KPL aggregate out of the aggregate in the stream', async () => {
    const records = [
      { partitionKey: 'one', data: Buffer.from('small') },
      { partitionKey: 'two', data: Buffer.from('x'.repeat(3_000)) },
    ];
    await put(['whole', aggregate(records)]);
    const [original] = await inStream();
    const inner = reject(base64('x'.repeat(3_000)), `${original?.SequenceNumber}#1`, { partitionKey: 'two' });
    await store(10).put([inner]);
    expect(await send()).toMatchObject([{ records: 1 }]);
    expect((await texts())[1]).toBe('x'.repeat(3_000));
    expect((await inStream())[1]?.PartitionKey).toBe('two');
    expect(await storedRejects()).toEqual([]);
  });

  it('keeps what it cannot get back, and says why', async () => {
    const large = base64(randomBytes(10_000));
    await put(['key', 'something else']);
    const [other] = await inStream();
    await store(1_000).put([
      reject(large, NUMBER),
      reject(large, other?.SequenceNumber),
      reject(large, `${other?.SequenceNumber}#0`),
      reject('not base64', '1'),
      reject('YQ==', '2', { partitionKey: '' }),
    ]);
    const sent = await send();
    expect(sent.map(({ kept, records }) => [records, kept])).toEqual([
      [0, 'its data is not base64: no stream ever held it'],
      [0, 'it has no partition key: no stream ever took it'],
      ...Array.from({ length: 3 }, () => [
        0,
        'its data (13336 bytes) was too large to store, and the stream no longer has it',
      ]),
    ]);
    expect(await texts()).toEqual(['something else']);
    expect(await storedRejects()).toHaveLength(5);
  });

  it('loses nothing when it is interrupted between the stream and the table', async () => {
    await store().put([reject(base64('a'), '1'), reject(base64('b'), '2')]);
    const original = DynamoDBClient.prototype.send as (command: unknown) => Promise<unknown>;
    const dies = jest.spyOn(DynamoDBClient.prototype, 'send').mockImplementation(function (
      this: DynamoDBClient,
      command: object,
    ) {
      if (command.constructor.name === 'DeleteItemCommand') throw new Error('killed');
      return original.call(this, command);
    } as never);
    await expect(send()).rejects.toThrow('killed');
    dies.mockRestore();
    expect(await storedRejects()).toEqual(['1', '2']);
    await send();
    expect(await texts()).toEqual(['a', 'b', 'a', 'b']);
    expect(await storedRejects()).toEqual([]);
  });

  it('keeps a reject that was rejected anew after it was read', async () => {
    await store().put([reject('YQ==')]);
    const original = KinesisClient.prototype.send as (command: unknown) => Promise<unknown>;
    jest.spyOn(KinesisClient.prototype, 'send').mockImplementation(async function (
      this: KinesisClient,
      command: object,
    ) {
      if (command instanceof PutRecordsCommand) {
        await target.dynamodb.send(
          new UpdateItemCommand({
            TableName: target.names.rejects,
            Key: {
              shard: { S: `${target.names.stream}/${SHARD}` },
              sequence_number: { S: NUMBER },
            },
            UpdateExpression: 'SET rejected_at = :at',
            ExpressionAttributeValues: { ':at': { N: '1' } },
          }),
        );
      }
      return original.call(this, command);
    } as never);
    expect(await send()).toMatchObject([{ records: 1, kept: 'it was rejected anew meanwhile' }]);
    expect(await storedRejects()).toEqual([NUMBER]);
  });
});

/** Lets Kinesis answer PutRecords with an error for records that `fails` says of the n-th call. */
const failing = (fails: (text: string, call: number) => boolean) => {
  let calls = 0;
  const original = KinesisClient.prototype.send as (command: unknown) => Promise<unknown>;
  jest.spyOn(KinesisClient.prototype, 'send').mockImplementation(async function (
    this: KinesisClient,
    command: { input: PutRecordsCommandInput },
  ) {
    if (!(command instanceof PutRecordsCommand)) return original.call(this, command);
    calls += 1;
    const { Records = [], ...rest } = command.input;
    const failed = Records.map(({ Data }) => fails(Buffer.from(Data ?? []).toString(), calls));
    const taken = Records.filter((_, index) => !failed[index]);
    const answers =
      taken.length === 0
        ? []
        : (
            (await original.call(this, new PutRecordsCommand({ ...rest, Records: taken }))) as {
              Records: object[];
            }
          ).Records;
    return {
      Records: failed.map((bad) =>
        bad ? { ErrorCode: 'ProvisionedThroughputExceededException' } : answers.shift(),
      ),
    };
  } as never);
};

describe('PutRecords', () => {
  it('sends what was not taken again, before later records of its key', async () => {
    await store().put(
      ['a1', 'b1', 'a2', 'b2', 'a3'].map((text, index) =>
        reject(base64(text), String(index + 1), { partitionKey: text.slice(0, 1) }),
      ),
    );
    failing((text, call) => text.startsWith('a') && call < 3);
    await send();
    jest.restoreAllMocks();
    const order = await texts();
    expect(order.filter((text) => text.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(order.filter((text) => text.startsWith('b'))).toEqual(['b1', 'b2']);
    expect(await storedRejects()).toEqual([]);
  });

  it('stops where the stream accepts no more records, and keeps what it did not take', async () => {
    await store().put([reject(base64('good'), '1'), reject(base64('bad'), '2', { partitionKey: 'other' })]);
    failing((text) => text === 'bad');
    await expect(send({}, { attempts: 3 })).rejects.toThrow(
      /accepts no more records: .*ProvisionedThroughputExceeded/,
    );
    jest.restoreAllMocks();
    expect(await texts()).toEqual(['good']);
    expect(await storedRejects()).toEqual(['2']);
  });

  it('refuses only the record that Kinesis refuses', async () => {
    const results = await put(['a', 'x'], ['k'.repeat(300), 'y'], ['b', 'z']);
    expect(results.map(({ kind }) => kind)).toEqual(['forwarded', 'rejected', 'forwarded']);
    expect(await texts()).toEqual(['x', 'z']);
  });
});

describe('redrive of failed batches', () => {
  it('puts the records of the range into the stream again and deletes the message', async () => {
    await put(['a', '0'], ['a', '1'], ['a', '2'], ['a', '3'], ['a', '4']);
    queue.bodies.set('m', failedBatch((await inStream()).slice(1, 4), arn()));
    expect(await sendBatches()).toMatchObject([{ kind: 'failed-batch', records: 3 }]);
    expect(await texts()).toEqual(['0', '1', '2', '3', '4', '1', '2', '3']);
    expect(queue.bodies.size).toBe(0);
  });

  it('keeps a message whose records are no longer all there, and says how many', async () => {
    await put(['a', '0'], ['a', '1']);
    const records = await inStream();
    const lost = { SequenceNumber: await horizon() };
    queue.bodies.set('m', failedBatch([lost, ...records], arn()));
    expect(await sendBatches()).toMatchObject([
      { records: 2, kept: 'at least 1 of its 3 records are no longer in the stream' },
    ]);
    expect(await texts()).toEqual(['0', '1', '0', '1']);
    expect(queue.bodies.size).toBe(1);
    expect(queue.taken.size).toBe(0);
  });

  it('keeps a message of another stream, of a stream that was made anew, and of something else', async () => {
    queue.bodies.set('other', failedBatch([{ SequenceNumber: NUMBER }], 'a:b:c:d:e:stream/other'));
    const ofTable = failedBatch(
      [{ SequenceNumber: '1' }],
      'a:b:c:d:e:table/t/stream/2026-01-01T00:00:00.000',
    );
    queue.bodies.set('table', ofTable.replace('KinesisBatchInfo', 'DDBStreamBatchInfo'));
    queue.bodies.set('former', failedBatch([{ SequenceNumber: NUMBER }], arn()));
    queue.bodies.set('text', 'hello');
    const kept = (await sendBatches()).map((one) => one.kept);
    expect(kept).toEqual([
      'it describes no batch',
      `it is of t/stream/2026-01-01T00:00:00.000, not of ${target.names.stream}`,
      `it is of other, not of ${target.names.stream}`,
      'at least 1 of its 1 records are no longer in the stream',
    ]);
    expect(queue.bodies.size).toBe(4);
  });

  it('keeps the message where the stream accepts no more records, and in a dry run', async () => {
    await put(['a', '0']);
    queue.bodies.set('m', failedBatch(await inStream(), arn()));
    expect(await sendBatches({}, { dryRun: true })).toMatchObject([{ records: 1 }]);
    failing(() => true);
    await expect(sendBatches({}, { attempts: 2 })).rejects.toThrow('accepts no more records');
    jest.restoreAllMocks();
    expect(await texts()).toEqual(['0']);
    expect(queue.bodies.size).toBe(1);
    expect(queue.taken.size).toBe(0);
  });

  it('lists by condition, and shows the messages again', async () => {
    queue.bodies.set('m', failedBatch([{ SequenceNumber: NUMBER }], arn()));
    for (let other = 0; other < 25; other += 1) queue.bodies.set(`other-${other}`, '{}');
    if (!target.sqs) throw new Error('there is no queue');
    const messages = await takeMessages(target.sqs, target.names.failedBatches);
    if (!messages) throw new Error('there is no queue');
    const listed = listFailedBatches(messages, {});
    expect(listed).toHaveLength(26);
    expect(listFailedBatches(messages, { codes: ['RetryAttemptsExhausted'] })).toMatchObject([
      { kind: 'failed-batch', start_sequence_number: NUMBER, records: 1 },
    ]);
    expect(queue.taken.size).toBe(26);
    await messages[Symbol.asyncDispose]();
    expect(queue.taken.size).toBe(0);
  });
});

describe('openTarget', () => {
  it.each(['AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL_KINESIS', 'AWS_ENDPOINT_URL_SQS'])(
    'refuses %s alone',
    async (name) => {
      const environment = { [name]: 'http://127.0.0.1:1' };
      await expect(openTarget({ root: ROOT, stage: 'dev', environment })).rejects.toThrow('or none for AWS');
    },
  );

  it('says that a stage is not there', async () => {
    const opening = openTarget({ root: ROOT, stage: 'none', environment: { ...emulators.endpoints } });
    await expect(opening).rejects.toThrow('Stream labelstream-none-changes not found');
  });
});

describe('npm run redrive', () => {
  const run = (...parameters: readonly string[]) =>
    execProgram(
      command('redrive', [...parameters, '--stage', `t${stage}`], {
        env: { PATH: process.env.PATH, ...emulators.endpoints },
      }),
    );

  it('says where it goes, lists, sends, and does without a queue', async () => {
    await store().put([reject(base64('a secret'))]);
    const listed = await run('list', '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject({ kind: 'reject', code: 'bad-json' });
    expect(listed.stderr).toContain(emulators.endpoints.AWS_ENDPOINT_URL_KINESIS);
    expect(listed.stderr).toContain(`account 000000000000, us-east-1, stage t${stage}`);
    expect(listed.stderr).toContain('rejects only');
    expect((await run('send', '--all')).stdout).toBe('sent 1 records, kept 0\n');
    expect(await texts()).toEqual(['a secret']);
    expect((await run('list')).stdout).toBe('No rejects, no failed batches and no failed objects.\n');
  });

  it('sends nothing unless it is told what', async () => {
    await store().put([reject(base64('a'))]);
    await expect(run('send')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Choose by --code'),
    });
    await expect(run('send', '--code', 'bad-json', '--failed-batches')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/Queue \S+ not found/),
    });
    await expect(run('send', '--failed-objects')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/Queue \S+-failed-objects not found: .* objects=s3\. Nothing was sent/),
    });
    expect(await inStream()).toEqual([]);
  });
});
