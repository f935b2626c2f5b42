import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateDeliveryStreamCommand, FirehoseClient } from '@aws-sdk/client-firehose';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { CreateStreamCommand, GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-kinesis';
import { CreateFunctionCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { describeError, must } from '../../src/errors.ts';
import type { LabelEvent } from '../../src/pipeline/destinations.ts';
import { parseForwardTarget } from '../../src/streams/forward/target.ts';
import { openForwarding } from '../../src/wire/forward.ts';
import { event } from '../contract/forward.ts';
import { emulatedAccount, emulatedAws, fromRunner } from './emulated-aws.ts';

const aws = emulatedAws();
const config = {
  endpoint: fromRunner('DEPLOY_TEST_ENDPOINT'),
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};
const ROLE = 'arn:aws:iam::123456789012:role/any';
const EMPTY_ZIP = Buffer.from('UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==', 'base64');
const EVENTS = [event('a', 'x', 1_719_347_890_250_647n), event('b', 'ÿ 💳 \ufffe')];

/** Forwards as the function does: the destination by its ARN, the service by the environment. */
const forward = async (arn: string) => {
  Object.assign(process.env, emulatedAccount());
  const settings = { FORWARD_TO: must(parseForwardTarget(arn), arn), FORWARD_SOURCE: '/labelstream/test' };
  // HTTP/1, as the function's clients have it.
  const requestHandler = new NodeHttpHandler();
  const { to } = must(await openForwarding(settings, { maxAttempts: 1, requestHandler }), 'destination');
  const results = await to.put(EVENTS, { signal: AbortSignal.timeout(10_000) });
  return results.map((result) => ('error' in result ? describeError(result.error) : result.kind));
};
const FORWARDED = EVENTS.map(() => 'forwarded');

const createQueue = async (name: string): Promise<{ readonly url: string; readonly arn: string }> => {
  const Attributes = name.endsWith('.fifo') ? { FifoQueue: 'true' } : undefined;
  const { QueueUrl } = await aws.sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  const answer = await aws.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  return { url: must(QueueUrl, 'QueueUrl'), arn: must(answer.Attributes?.QueueArn, 'QueueArn') };
};

const received = async (QueueUrl: string): Promise<readonly unknown[]> => {
  const { Messages = [] } = await aws.sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
  );
  return Messages.map(({ Body = '' }) => JSON.parse(Body));
};
const bySubject = (events: readonly unknown[]) =>
  (events as readonly LabelEvent[]).toSorted((one, other) => (one.subject < other.subject ? -1 : 1));

describe('labels are forwarded to', () => {
  it.each(['labels', 'labels.fifo'])('the queue %s', async (name) => {
    const { url, arn } = await createQueue(name);
    expect(await forward(arn)).toEqual(FORWARDED);
    expect(bySubject(await received(url))).toEqual(EVENTS);
  });

  it('a queue with order, which drops a duplicate', async () => {
    const { url, arn } = await createQueue('once.fifo');
    expect(await forward(arn)).toEqual(FORWARDED);
    expect(await forward(arn)).toEqual(FORWARDED);
    const messages = await received(url);
    expect(messages).toHaveLength(2);
  });

  it.each(['labels', 'labels.fifo'])('the topic %s', async (name) => {
    const sns = new SNSClient(config);
    const Attributes = name.endsWith('.fifo') ? { FifoTopic: 'true' } : undefined;
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: name, Attributes }));
    const { url, arn } = await createQueue(`of-topic-${name}`);
    const raw = { RawMessageDelivery: 'true' };
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arn, Attributes: raw }));
    expect(await forward(must(TopicArn, 'TopicArn'))).toEqual(FORWARDED);
    expect(bySubject(await received(url))).toEqual(EVENTS);
  });

  it('a bus, by which a rule sends them to a queue', async () => {
    const bridge = new EventBridgeClient(config);
    const { EventBusArn } = await bridge.send(new CreateEventBusCommand({ Name: 'labels' }));
    const { url, arn } = await createQueue('of-bus');
    // The pattern in docs/forwarding.md.
    const EventPattern = JSON.stringify({
      source: ['/labelstream/test'],
      'detail-type': ['Item Labelled'],
      detail: { answer: { label: ['x'] } },
    });
    const rule = { Name: 'labels', EventBusName: 'labels' };
    await bridge.send(new PutRuleCommand({ ...rule, EventPattern }));
    await bridge.send(
      new PutTargetsCommand({ Rule: 'labels', EventBusName: 'labels', Targets: [{ Id: 'q', Arn: arn }] }),
    );
    expect(await forward(must(EventBusArn, 'EventBusArn'))).toEqual(FORWARDED);
    const [first] = EVENTS;
    const { id, subject, source, time, data } = must(first, 'event');
    expect(await received(url)).toEqual([
      expect.objectContaining({
        source,
        'detail-type': 'Item Labelled',
        detail: { id, subject, time, ...data },
      }),
    ]);
  });

  it('a Kinesis stream', async () => {
    await aws.kinesis.send(new CreateStreamCommand({ StreamName: 'labels', ShardCount: 1 }));
    const arn = 'arn:aws:kinesis:us-east-1:123456789012:stream/labels';
    expect(await forward(arn)).toEqual(FORWARDED);
    const { ShardIterator } = await aws.kinesis.send(
      new GetShardIteratorCommand({
        StreamName: 'labels',
        ShardId: 'shardId-000000000000',
        ShardIteratorType: 'TRIM_HORIZON',
      }),
    );
    const { Records = [] } = await aws.kinesis.send(new GetRecordsCommand({ ShardIterator }));
    const events = Records.map(({ Data = [] }) => JSON.parse(Buffer.from(Data).toString()));
    expect(bySubject(events)).toEqual(EVENTS);
  });

  it('a Firehose stream, which writes them to a bucket as lines', async () => {
    const bucket = { Bucket: 'labels-of-firehose' };
    await aws.s3.send(new CreateBucketCommand(bucket));
    const firehose = new FirehoseClient(config);
    const { DeliveryStreamARN } = await firehose.send(
      new CreateDeliveryStreamCommand({
        DeliveryStreamName: 'labels',
        ExtendedS3DestinationConfiguration: { RoleARN: ROLE, BucketARN: `arn:aws:s3:::${bucket.Bucket}` },
      }),
    );
    expect(await forward(must(DeliveryStreamARN, 'DeliveryStreamARN'))).toEqual(FORWARDED);
    const { Contents = [] } = await aws.s3.send(new ListObjectsV2Command(bucket));
    const { Body } = await aws.s3.send(new GetObjectCommand({ ...bucket, Key: Contents[0]?.Key }));
    const lines = (await must(Body, 'Body').transformToString()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(EVENTS);
  });

  it('a Lambda function', async () => {
    // Without Docker, moto takes an invocation and runs nothing.
    await fetch(`${config.endpoint}/moto-api/config`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ lambda: { use_docker: false } }),
    });
    const role = await aws.iam.send(
      new CreateRoleCommand({ RoleName: 'on-label', AssumeRolePolicyDocument: '{}' }),
    );
    const { FunctionArn } = await aws.lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'on-label',
        Role: role.Role?.Arn,
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Code: { ZipFile: EMPTY_ZIP },
      }),
    );
    expect(await forward(must(FunctionArn, 'FunctionArn'))).toEqual(FORWARDED);
  });
});

describe('a destination that is not there', () => {
  it.each([
    ['arn:aws:sqs:us-east-1:123456789012:nowhere', /QueueDoesNotExist/],
    ['arn:aws:sns:us-east-1:123456789012:nowhere', /NotFound/],
    ['arn:aws:kinesis:us-east-1:123456789012:stream/nowhere', /ResourceNotFound/],
    ['arn:aws:firehose:us-east-1:123456789012:deliverystream/nowhere', /ResourceNotFound/],
  ])('%s fails the records, which are delivered again', async (arn, reason) => {
    const results = await forward(arn);
    expect(results).toEqual(EVENTS.map(() => expect.stringMatching(reason)));
  });
});
