import { ChangeMessageVisibilityCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { sqsMessages } from '../../src/streams/sqs-messages.ts';

const sqs = mockClient(SQSClient);
const queue = sqsMessages(new SQSClient(), { url: 'https://sqs/objects' });
beforeEach(() => sqs.reset());
afterAll(() => sqs.restore());

const taken = ({ Entries = [] }: { Entries?: { Id?: string | undefined }[] | undefined }) => ({
  Successful: Entries.map(({ Id }) => ({ Id, MessageId: 'm', MD5OfMessageBody: 'x' })),
});
const error = (name: string) => Object.assign(new Error('quotes the message'), { name });

describe('sqsMessages', () => {
  it('sends all messages, ten a call', async () => {
    sqs.on(SendMessageBatchCommand).callsFake(taken);
    const bodies = Array.from({ length: 25 }, (_, index) => `body ${index}`);
    await queue.send(bodies);
    const calls = sqs.commandCalls(SendMessageBatchCommand).map(({ args: [{ input }] }) => input);
    expect(calls.map(({ QueueUrl, Entries }) => [QueueUrl, Entries?.length])).toEqual([
      ['https://sqs/objects', 10],
      ['https://sqs/objects', 10],
      ['https://sqs/objects', 5],
    ]);
    expect(calls.flatMap(({ Entries = [] }) => Entries.map(({ MessageBody }) => MessageBody))).toEqual(
      bodies,
    );
    for (const { Entries = [] } of calls)
      expect(new Set(Entries.map(({ Id }) => Id)).size).toBe(Entries.length);
    await queue.send([]);
    expect(sqs.commandCalls(SendMessageBatchCommand)).toHaveLength(3);
  });

  it('says where a call with status 200 did not take all', async () => {
    sqs.on(SendMessageBatchCommand).callsFake(({ Entries }) => ({
      Successful: taken({ Entries }).Successful.slice(1),
      Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false, Message: 'quotes the message' }],
    }));
    await expect(queue.send(['a', 'b', 'c'])).rejects.toMatchObject({
      name: 'TransientError',
      message: 'SendMessageBatch did not take 1 of 3 messages: InternalError',
    });
  });

  it('says whether an operator has to act', async () => {
    sqs.on(SendMessageBatchCommand).rejects(error('AccessDenied'));
    await expect(queue.send(['a'])).rejects.toMatchObject({ name: 'TransientError', isLasting: true });
    sqs.on(SendMessageBatchCommand).rejects(error('RequestThrottled'));
    await expect(queue.send(['a'])).rejects.toMatchObject({
      message: 'SendMessageBatch failed: RequestThrottled',
      isLasting: false,
    });
  });

  it('hands its signal to the client', async () => {
    sqs.on(SendMessageBatchCommand).callsFake(taken);
    await queue.send(['a'], AbortSignal.abort());
    const [, options] = sqs.commandCalls(SendMessageBatchCommand)[0]?.args as unknown as [unknown, object];
    expect(options).toEqual({
      abortSignal: expect.objectContaining({ aborted: true }),
    });
  });

  it('sets when a message is delivered again', async () => {
    sqs.on(ChangeMessageVisibilityCommand).resolves({});
    await queue.delay('receipt', 120);
    expect(sqs.commandCalls(ChangeMessageVisibilityCommand)[0]?.args[0].input).toEqual({
      QueueUrl: 'https://sqs/objects',
      ReceiptHandle: 'receipt',
      VisibilityTimeout: 120,
    });
    sqs.on(ChangeMessageVisibilityCommand).rejects(error('ReceiptHandleIsInvalid'));
    await expect(queue.delay('receipt', 0)).rejects.toMatchObject({ name: 'TransientError' });
  });
});
