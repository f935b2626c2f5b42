import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { join } from 'node:path';
import type { LabelEvent } from '../../src/pipeline/destinations.ts';
import { sha256 } from '../../src/tasks/content-hash.ts';
import { startClassifyStream, type TestFunction } from '../support/classify-stream.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';
import { change, kinesisEvent } from '../support/records.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:labels';
const CARD = 'I am still waiting for my new card';

let dynamodb: TestDynamoDb;
let server: Server;
let endpoint: string;
let bodies: {
  readonly QueueUrl: string;
  readonly Entries: readonly { readonly Id: string; readonly MessageBody: string }[];
}[];
/** The status with which the queue answers. */
let status: number;

/** A queue that takes every message, or refuses every call. */
beforeAll(async () => {
  dynamodb = await startDynamoDb();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = (await json(request)) as (typeof bodies)[number];
    bodies.push(body);
    const Successful = body.Entries.map(({ Id, MessageBody }) => ({
      ...{ Id, MessageId: Id },
      MD5OfMessageBody: hash('md5', MessageBody),
    }));
    const refusal = { __type: 'AccessDeniedException', message: CARD };
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(status === 200 ? { Successful } : refusal));
  };
  server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await dynamodb.stop();
});
beforeEach(() => {
  bodies = [];
  status = 200;
});

const start = (settings: Readonly<Record<string, string>> = {}): Promise<TestFunction> =>
  startClassifyStream(dynamodb, {
    FORWARD_TO: QUEUE,
    FORWARD_SOURCE: '/labelstream/test',
    AWS_ENDPOINT_URL_SQS: endpoint,
    ...settings,
  });
const inserted = async ({ documents }: TestFunction, id: string): Promise<string> => {
  await dynamodb.put(documents, { id, text: CARD });
  return change(id, CARD, { table: documents });
};
const events = (): readonly LabelEvent[] =>
  bodies.flatMap(({ Entries }) => Entries.map(({ MessageBody }) => JSON.parse(MessageBody)));

describe('classifyStream with FORWARD_TO', () => {
  it('sends the label of an item to the queue, again where the record is delivered again', async () => {
    // The embedded DynamoDB does not say of an item on which a condition failed that it has the label.
    const subject = await start({ LABEL_STORE: 'labels-table' });
    const event = kinesisEvent([await inserted(subject, 'a')]);
    expect(await subject.send(event)).toEqual({ batchItemFailures: [] });
    expect(bodies[0]?.QueueUrl).toBe('https://sqs.us-east-1.amazonaws.com/123456789012/labels');
    expect(events()).toEqual([
      expect.objectContaining({
        source: '/labelstream/test',
        subject: `${subject.documents}{"id":{"S":"a"}}`,
        data: {
          table: subject.documents,
          keys: { id: { S: 'a' } },
          model: 'banking77-tfidf@1',
          attribute: 'label',
          hash: sha256(CARD),
          answer: { label: 'card_arrival', label_score: expect.any(Number) },
        },
      }),
    ]);
    await subject.send(event);
    const ids = events().map(({ id }) => id);
    expect(ids).toEqual([ids[0], ids[0]]);
    expect(subject.log.join('\n')).toMatch(/"Forwarded":1\b.*"ForwardFailed":0\b/);
  });

  it('reports the record whose label the queue does not take, and does not log what it says', async () => {
    const subject = await start();
    status = 403;
    const event = kinesisEvent([await inserted(subject, 'a')]);
    expect(await subject.send(event)).toEqual({
      batchItemFailures: [{ itemIdentifier: event.Records[0]?.kinesis.sequenceNumber }],
    });
    expect(await dynamodb.items(subject.documents)).toEqual([
      expect.objectContaining({ label: 'card_arrival' }),
    ]);
    const log = subject.log.join('\n');
    expect(log).toMatch(/SendMessageBatch to queue labels failed: AccessDenied/);
    expect(log).toMatch(/"ForwardFailed":1\b/);
    expect(log).not.toContain(CARD);
  });

  it('sends nothing, and measures nothing of it, without it', async () => {
    const subject = await start({ FORWARD_TO: '' });
    await subject.send(kinesisEvent([await inserted(subject, 'a')]));
    expect(bodies).toEqual([]);
    expect(subject.log.join('\n')).not.toMatch(/Forward/);
  });

  it.each([
    ['labels', {}, /FORWARD_TO: should be the ARN of an EventBridge bus, an SQS queue/],
    [QUEUE, { BUNDLED_FORWARDER: 'sns' }, /FORWARD_TO: the function was packaged for another destination/],
  ])('does not start with %s %j', async (FORWARD_TO, settings, message) => {
    await expect(start({ FORWARD_TO, ...settings })).rejects.toThrow(message);
  });
});

describe('docs/forwarding.md', () => {
  it('has the event that is sent for that label', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/forwarding.md'), 'utf8');
    const written: LabelEvent = JSON.parse(/```json\n(\{\n[^]+?)```/.exec(page)?.[1] ?? '');
    const subject = await start({ FORWARD_SOURCE: written.source, DOCUMENTS_TABLE: written.data.table });
    await dynamodb.createNamedTable(written.data.table, ['id']);
    const text = 'I lost my card, what should I do?';
    await dynamodb.put(written.data.table, { id: 'd-1', text });
    const createdMicros = Date.parse(written.time ?? '') * 1_000 + 647;
    const event = kinesisEvent([change('d-1', text, { table: written.data.table, createdMicros })]);
    const now = { approximateArrivalTimestamp: createdMicros / 1e6 };
    const [record] = event.Records;
    await subject.send({ Records: [{ ...record, kinesis: { ...record?.kinesis, ...now } }] });
    expect(events()).toEqual([written]);
  });
});
