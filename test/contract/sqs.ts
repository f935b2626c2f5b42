import { randomUUID } from 'node:crypto';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { must } from '../../src/errors.ts';

/** What the embedded SQS and moto's have in common, as far as it is used: standard queues. */
export const describeSqs = (name: string, make: () => Promise<SQSClient>): void => {
  describe(`SQS ${name}`, () => {
    let client: SQSClient;
    const run = randomUUID();
    let queues = 0;
    let QueueUrl = '';

    const create = async (Attributes: Record<string, string> = {}): Promise<string> => {
      queues += 1;
      const QueueName = `queue-${run}-${queues}`;
      const created = await client.send(new CreateQueueCommand({ QueueName, Attributes }));
      return must(created.QueueUrl, 'QueueUrl');
    };
    beforeAll(async () => {
      client = await make();
    });
    beforeEach(async () => {
      QueueUrl = await create();
    });

    const send = (MessageBody: string, more = {}) =>
      client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
    const receive = async (more: Partial<ReceiveMessageCommandInput> = {}) =>
      (
        await client.send(
          new ReceiveMessageCommand({
            ...{ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 },
            ...{ MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'], ...more },
          }),
        )
      ).Messages ?? [];
    const attributes = async (url = QueueUrl) =>
      (await client.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] })))
        .Attributes ?? {};
    /** As soon as there are any. */
    const later = () => receive({ WaitTimeSeconds: 20 });

    it('delivers a message with what it has, until it is deleted', async () => {
      const MessageAttributes = {
        text: { DataType: 'String', StringValue: 'ünï' },
        bytes: { DataType: 'Binary', BinaryValue: Buffer.of(0, 255) },
        number: { DataType: 'Number', StringValue: '12' },
      };
      const sent = await send('{"a": "ü 🙂"}', { MessageAttributes });
      const [message, ...others] = await receive();
      expect(others).toEqual([]);
      expect(message).toMatchObject({
        MessageId: sent.MessageId,
        Body: '{"a": "ü 🙂"}',
        MD5OfBody: sent.MD5OfMessageBody,
        MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
        Attributes: { ApproximateReceiveCount: '1', SentTimestamp: expect.stringMatching(/^\d{13}$/) },
      });
      expect(message?.MessageAttributes?.text?.StringValue).toBe('ünï');
      expect(Buffer.from(message?.MessageAttributes?.bytes?.BinaryValue ?? [])).toEqual(Buffer.of(0, 255));
      expect(await receive()).toEqual([]);
      const ReceiptHandle = message?.ReceiptHandle;
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      expect(await receive()).toEqual([]);
      expect(await attributes()).toMatchObject({
        ApproximateNumberOfMessages: '0',
        ApproximateNumberOfMessagesNotVisible: '0',
      });
    });

    it('delivers it again when its visibility timeout is over', async () => {
      await send('a');
      const [first] = await receive({ VisibilityTimeout: 1 });
      const [second] = await later();
      expect(await receive()).toEqual([]);
      expect(await attributes()).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '1' });
      expect(second).toMatchObject({
        MessageId: first?.MessageId,
        Attributes: {
          ApproximateReceiveCount: '2',
          ApproximateFirstReceiveTimestamp: first?.Attributes?.ApproximateFirstReceiveTimestamp,
        },
      });
      expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
    });

    it('shows it sooner or later on request', async () => {
      await send('a');
      await send('b');
      const messages = await receive();
      const entry = (body: string, VisibilityTimeout: number) => {
        const { ReceiptHandle } = must(
          messages.find(({ Body }) => Body === body),
          body,
        );
        return { ReceiptHandle, VisibilityTimeout };
      };
      await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ...entry('a', 0) }));
      expect((await receive()).map(({ Body }) => Body)).toEqual(['a']);
      const Entries = [{ Id: '1', ...entry('b', 1) }];
      const changed = await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
      expect(changed.Successful).toEqual([{ Id: '1' }]);
      expect((await later()).map(({ Body }) => Body)).toEqual(['b']);
    });

    it('holds it back for a delay', async () => {
      await send('late', { DelaySeconds: 900 });
      expect(await receive()).toEqual([]);
      expect(await attributes()).toMatchObject({ ApproximateNumberOfMessagesDelayed: '1' });
      await send('soon', { DelaySeconds: 1 });
      expect((await later()).map(({ Body }) => Body)).toEqual(['soon']);
    });

    it('waits for a message, and not longer than asked', async () => {
      const waiting = later();
      await send('a');
      expect((await waiting).map(({ Body }) => Body)).toEqual(['a']);
      expect(await receive({ WaitTimeSeconds: 1 })).toEqual([]);
    });

    it('takes up to ten at a time, each of which may fail', async () => {
      const Entries = Array.from({ length: 10 }, (_, index) => ({
        ...{ Id: `id-${index}`, MessageBody: `body ${index}` },
      }));
      const sent = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      expect(sent.Successful?.map(({ Id }) => Id)).toEqual(Entries.map(({ Id }) => Id));
      expect(sent.Failed ?? []).toEqual([]);
      const messages = await receive({ MaxNumberOfMessages: 10 });
      expect(messages.map(({ Body }) => Body).toSorted()).toEqual(Entries.map((entry) => entry.MessageBody));
      const gone = messages
        .slice(0, 9)
        .map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }));
      const { Successful } = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: gone }));
      expect(Successful).toHaveLength(9);
      expect(await attributes()).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '1' });
    });

    it('refuses batches that are none', async () => {
      const batch = (Entries: { Id: string; MessageBody: string }[]) =>
        client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      const entry = { Id: 'a', MessageBody: 'x' };
      await expect(batch([entry, entry])).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinct' });
      const eleven = Array.from({ length: 11 }, (_, index) => ({ Id: `${index}`, MessageBody: 'x' }));
      await expect(batch(eleven)).rejects.toMatchObject({ name: 'TooManyEntriesInBatchRequest' });
      expect(await receive()).toEqual([]);
    });

    it('gives up what was received too often to its dead-letter queue', async () => {
      const deadLetters = await create();
      const deadLetterTargetArn = (await attributes(deadLetters)).QueueArn;
      QueueUrl = await create({
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 }),
      });
      const { MessageId } = await send('poison');
      for (const count of ['1', '2']) {
        const [message] = await receive({ VisibilityTimeout: 0 });
        expect(message?.Attributes?.ApproximateReceiveCount).toBe(count);
      }
      expect(await receive()).toEqual([]);
      expect(await receive({ QueueUrl: deadLetters })).toEqual([
        expect.objectContaining({ MessageId, Body: 'poison' }),
      ]);
    });

    it('is found by its name, and emptied', async () => {
      const QueueName = must(QueueUrl.split('/').at(-1), 'name');
      expect((await client.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl).toBe(QueueUrl);
      expect((await attributes()).QueueArn).toMatch(
        new RegExp(`^arn:aws:sqs:us-east-1:\\d{12}:${QueueName}$`),
      );
      await send('a');
      await client.send(new PurgeQueueCommand({ QueueUrl }));
      expect(await receive()).toEqual([]);
    });

    it('is missed by its name', async () => {
      await expect(client.send(new GetQueueUrlCommand({ QueueName: 'no-such-queue' }))).rejects.toMatchObject(
        { name: 'QueueDoesNotExist' },
      );
      QueueUrl = QueueUrl.replace(/[^/]+$/, 'no-such-queue');
      await expect(send('a')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    });
  });
};
