import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { FirehoseClient, PutRecordBatchCommand, type _Record } from '@aws-sdk/client-firehose';
import { KinesisClient, PutRecordsCommand, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PublishBatchCommand, type PublishBatchRequestEntry, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { must } from '../../../src/errors.ts';
import { eventBridgeForwarder } from '../../../src/streams/forward/eventbridge.ts';
import { firehoseForwarder } from '../../../src/streams/forward/firehose.ts';
import { kinesisForwarder } from '../../../src/streams/forward/kinesis.ts';
import { lambdaForwarder } from '../../../src/streams/forward/lambda.ts';
import { snsForwarder } from '../../../src/streams/forward/sns.ts';
import { sqsForwarder } from '../../../src/streams/forward/sqs.ts';
import { type ForwardTarget, parseForwardTarget } from '../../../src/streams/forward/target.ts';
import { describeForwarder, type EntryFate, event, type ForwardSubject } from '../../contract/forward.ts';

const ROUNDS = { attempts: 3, pauseMs: 0 };
const target = (resource: string): ForwardTarget =>
  must(parseForwardTarget(`arn:aws:${resource}`), `target of ${resource}`);
const text = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString();

type FateOf = Parameters<ForwardSubject['open']>[0];

/** Plays the fates of a call's entries. @returns those fates; or throws, where one of them is an error */
const played = (calls: string[][], fateOf: FateOf, texts: readonly string[]): readonly EntryFate[] => {
  calls.push([...texts]);
  const fates = texts.map((one) => fateOf(one));
  const error = fates.find((fate) => fate instanceof Error);
  if (error !== undefined) throw error;
  return fates as EntryFate[];
};

/** `open` of a subject whose client answers a command with a list of answers at the places of the entries. */
const opener =
  <Client, Input>(
    build: () => { readonly client: Client; answer(fake: (input: Input) => Promise<unknown>): void },
    forwarderOf: (client: Client) => ReturnType<ForwardSubject['open']>['forwarder'],
    textsOf: (input: Input) => readonly string[],
    answerOf: (fates: readonly EntryFate[]) => unknown,
  ): ForwardSubject['open'] =>
  (fateOf) => {
    const calls: string[][] = [];
    const { client, answer } = build();
    answer(async (input) => answerOf(played(calls, fateOf, textsOf(input))));
    return { forwarder: forwarderOf(client), calls };
  };

const whole = (read: string) => {
  const { id, subject, source, time, data } = JSON.parse(read);
  return { id, subject, source, time, data };
};

/** `Successful` and `Failed`, each in an order of its own. */
const batchAnswer = (fates: readonly EntryFate[]) => ({
  Successful: fates.flatMap((fate, index) => (fate === 'taken' ? [{ Id: String(index) }] : [])).toReversed(),
  Failed: fates.flatMap((fate, index) =>
    fate === 'throttled' ? [{ Id: String(index), Code: 'ThrottlingException', SenderFault: false }] : [],
  ),
});

const BUS = target('events:eu-central-1:123456789012:event-bus/labels');
let source = '';
describeForwarder('an EventBridge bus', {
  ...{ maxEntries: 10, maxBytes: 1_000_000, maxEntryBytes: 1_000_000, isOrdered: false },
  refusal: 'ValidationException',
  read: (detail) => {
    const { id, subject, time, ...data } = JSON.parse(detail);
    return { id, subject, source, time, data };
  },
  open: opener(
    () => {
      const mock = mockClient(EventBridgeClient);
      return {
        client: mock as unknown as EventBridgeClient,
        answer: (fake) => mock.on(PutEventsCommand).callsFake(fake as never),
      };
    },
    (client) => eventBridgeForwarder(client, BUS, ROUNDS),
    ({ Entries }: { Entries: PutEventsRequestEntry[] }) =>
      Entries.map((entry) => {
        source = must(entry.Source, 'Source');
        expect(entry).toMatchObject({ EventBusName: BUS.arn, DetailType: 'Item Labelled' });
        return must(entry.Detail, 'Detail');
      }),
    (fates) => ({
      FailedEntryCount: fates.filter((fate) => fate !== 'taken').length,
      Entries: fates.map((fate) =>
        fate === 'taken'
          ? { EventId: '1' }
          : fate === 'throttled'
            ? { ErrorCode: 'ThrottlingException' }
            : {},
      ),
    }),
  ),
});

const sqs = (name: string): ForwardSubject => ({
  ...{ maxEntries: 10, maxBytes: 1_048_576, maxEntryBytes: 1_048_576, isOrdered: name.endsWith('.fifo') },
  refusal: 'InvalidMessageContents',
  read: whole,
  open: opener(
    () => {
      const mock = mockClient(SQSClient);
      return {
        client: mock as unknown as SQSClient,
        answer: (fake) => mock.on(SendMessageBatchCommand).callsFake(fake as never),
      };
    },
    (client) => sqsForwarder(client, target(`sqs:eu-central-1:123456789012:${name}`), ROUNDS),
    ({ QueueUrl, Entries }: { QueueUrl: string; Entries: SendMessageBatchRequestEntry[] }) => {
      expect(QueueUrl).toBe(`https://sqs.eu-central-1.amazonaws.com/123456789012/${name}`);
      return Entries.map(({ MessageBody }) => must(MessageBody, 'MessageBody'));
    },
    batchAnswer,
  ),
});
describeForwarder('an SQS queue', sqs('labels'));
describeForwarder('an SQS queue with order', sqs('labels.fifo'));

const sns = (name: string): ForwardSubject => ({
  ...{ maxEntries: 10, maxBytes: 262_144, maxEntryBytes: 262_144, isOrdered: name.endsWith('.fifo') },
  refusal: 'BatchRequestTooLongException',
  read: whole,
  open: opener(
    () => {
      const mock = mockClient(SNSClient);
      return {
        client: mock as unknown as SNSClient,
        answer: (fake) => mock.on(PublishBatchCommand).callsFake(fake as never),
      };
    },
    (client) => snsForwarder(client, target(`sns:eu-central-1:123456789012:${name}`), ROUNDS),
    ({
      TopicArn,
      PublishBatchRequestEntries: entries,
    }: {
      TopicArn: string;
      PublishBatchRequestEntries: PublishBatchRequestEntry[];
    }) => {
      expect(TopicArn).toBe(`arn:aws:sns:eu-central-1:123456789012:${name}`);
      return entries.map(({ Message }) => must(Message, 'Message'));
    },
    batchAnswer,
  ),
});
describeForwarder('an SNS topic', sns('labels'));
describeForwarder('an SNS topic with order', sns('labels.fifo'));

const STREAM = target('kinesis:eu-central-1:123456789012:stream/labels');
describeForwarder('a Kinesis stream', {
  ...{ maxEntries: 500, maxBytes: 5 * 1024 * 1024, maxEntryBytes: 5 * 1024 * 1024, isOrdered: true },
  refusal: 'ValidationException',
  read: whole,
  open: opener(
    () => {
      const mock = mockClient(KinesisClient);
      return {
        client: mock as unknown as KinesisClient,
        answer: (fake) => mock.on(PutRecordsCommand).callsFake(fake as never),
      };
    },
    (client) => kinesisForwarder(client, STREAM, ROUNDS),
    ({ StreamARN, Records }: { StreamARN: string; Records: PutRecordsRequestEntry[] }) => {
      expect(StreamARN).toBe(STREAM.arn);
      return Records.map(({ Data, PartitionKey }) => {
        expect(PartitionKey).toMatch(/^[\da-f]{64}$/);
        return text(Data);
      });
    },
    (fates) => ({
      Records: fates.map((fate) =>
        fate === 'taken'
          ? { SequenceNumber: '1' }
          : fate === 'throttled'
            ? { ErrorCode: 'ProvisionedThroughputExceededException' }
            : {},
      ),
    }),
  ),
});

const DELIVERY = target('firehose:eu-central-1:123456789012:deliverystream/labels');
describeForwarder('a Firehose stream', {
  ...{ maxEntries: 500, maxBytes: 4 * 1024 * 1024, maxEntryBytes: 1_024_000, isOrdered: false },
  read: whole,
  open: opener(
    () => {
      const mock = mockClient(FirehoseClient);
      return {
        client: mock as unknown as FirehoseClient,
        answer: (fake) => mock.on(PutRecordBatchCommand).callsFake(fake as never),
      };
    },
    (client) => firehoseForwarder(client, DELIVERY, ROUNDS),
    ({ DeliveryStreamName, Records }: { DeliveryStreamName: string; Records: _Record[] }) => {
      expect(DeliveryStreamName).toBe('labels');
      return Records.map(({ Data }) => {
        expect(text(Data)).toMatch(/^[^\n]+\n$/);
        return text(Data);
      });
    },
    (fates) => ({
      RequestResponses: fates.map((fate) =>
        fate === 'taken'
          ? { RecordId: '1' }
          : fate === 'throttled'
            ? { ErrorCode: 'ServiceUnavailableException' }
            : {},
      ),
    }),
  ),
});

const FUNCTION = target('lambda:eu-central-1:123456789012:function:on-label:live');
describeForwarder('a Lambda function', {
  ...{ maxEntries: 1, maxBytes: 1_000_000, maxEntryBytes: 1_000_000, isOrdered: false },
  refusal: 'InvalidRequestContentException',
  read: whole,
  open: opener(
    () => {
      const mock = mockClient(LambdaClient);
      return {
        client: mock as unknown as LambdaClient,
        answer: (fake) => mock.on(InvokeCommand).callsFake(fake as never),
      };
    },
    (client) => lambdaForwarder(client, FUNCTION, ROUNDS),
    ({
      FunctionName,
      InvocationType,
      Payload,
    }: {
      FunctionName: string;
      InvocationType: string;
      Payload: Uint8Array;
    }) => {
      expect([FunctionName, InvocationType]).toEqual([FUNCTION.arn, 'Event']);
      return [text(Payload)];
    },
    ([fate]) => ({ StatusCode: fate === 'taken' ? 202 : fate === 'throttled' ? 429 : undefined }),
  ),
});

describe('a queue with order', () => {
  it('has a group for each item, and drops only what was sent again for the same change', async () => {
    const entries: SendMessageBatchRequestEntry[] = [];
    const client = mockClient(SQSClient);
    client.on(SendMessageBatchCommand).callsFake(async ({ Entries }) => {
      entries.push(...Entries);
      return { Successful: Entries };
    });
    const queue = target('sqs:eu-central-1:123456789012:labels.fifo');
    await sqsForwarder(client as unknown as SQSClient, queue).put([
      event('a', 'x', 1n),
      event('a', 'x', 1n),
      event('a', 'x', 2n),
      event('b', 'x', 1n),
    ]);
    const of = (name: 'MessageGroupId' | 'MessageDeduplicationId') =>
      entries.map((entry) => must(entry[name], name));
    const byItem = entries.map(({ MessageBody }) => JSON.parse(must(MessageBody, 'body')).data.keys.id.S);
    expect(byItem.toSorted()).toEqual(['a', 'a', 'a', 'b']);
    expect(new Set(of('MessageGroupId')).size).toBe(2);
    expect(new Set(of('MessageDeduplicationId')).size).toBe(3);
    // Letters and digits, no more than 128.
    for (const id of [...of('MessageGroupId'), ...of('MessageDeduplicationId')])
      expect(id).toMatch(/^\w{64}$/);
  });
});

describe('an ARN', () => {
  it.each([
    ['arn:aws:events:us-east-1:123456789012:event-bus/default', 'eventbridge', 'default'],
    ['arn:aws-cn:sqs:cn-north-1:123456789012:labels', 'sqs', 'labels'],
    ['arn:aws:sqs:us-east-1:123456789012:labels.fifo', 'sqs', 'labels.fifo'],
    ['arn:aws-us-gov:sns:us-gov-west-1:123456789012:labels', 'sns', 'labels'],
    ['arn:aws:kinesis:us-east-1:123456789012:stream/labels', 'kinesis', 'labels'],
    ['arn:aws:firehose:us-east-1:123456789012:deliverystream/labels', 'firehose', 'labels'],
    ['arn:aws:lambda:us-east-1:123456789012:function:on-label', 'lambda', 'on-label'],
    ['arn:aws:lambda:us-east-1:123456789012:function:on-label:live', 'lambda', 'on-label'],
  ])('%s is of %s', (arn, kind, name) => {
    expect(parseForwardTarget(arn)).toMatchObject({ arn, kind, name, isFifo: name.endsWith('.fifo') });
  });

  it.each([
    '',
    'labels',
    'https://sqs.us-east-1.amazonaws.com/123456789012/labels',
    'arn:aws:sqs:us-east-1:1234:labels',
    'arn:aws:sqs::123456789012:labels',
    'arn:aws:events:us-east-1:123456789012:rule/labels',
    'arn:aws:kinesis:us-east-1:123456789012:stream/labels/consumer/c:1',
    'arn:aws:lambda:us-east-1:123456789012:layer:labels',
    'arn:aws:s3:::labels',
    'arn:aws:sns:us-east-1:123456789012:labels:5be8f0b2',
  ])('%s is no destination', (arn) => {
    expect(parseForwardTarget(arn)).toBeUndefined();
  });
});
