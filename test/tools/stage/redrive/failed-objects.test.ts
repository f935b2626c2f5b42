import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { shardBody } from '../../../../src/pipeline/objects/messages.ts';
import { listFailedObjects, sendFailedObjects } from '../../../../src/tools/stage/redrive/failed-objects.ts';
import type { Messages } from '../../../../src/tools/stage/redrive/queue.ts';
import { eventBridgeEvent, notification } from '../../../support/object-events.ts';

const OBJECT = JSON.stringify(eventBridgeEvent({ bucket: 'texts', key: 'a b.csv' }));
const NOTICE = JSON.stringify(
  notification([
    { bucket: 'texts', key: 'c.csv' },
    { bucket: 'texts', key: 'd.csv' },
  ]),
);
const SHARD = shardBody({
  run: { id: 'r', model: 'm@1', source: { bucket: 'texts', key: 'large.csv', etag: 'e', size: 99 } },
  shard: { index: 1, count: 3, start: 33, end: 66, line: 4 },
});
const AT = '2026-11-12T00:00:00.000Z';

const sqs = mockClient(SQSClient);
let left: string[];
const queue = (): Messages => {
  const messages = [OBJECT, SHARD, 'hello', NOTICE].map((body, index) => ({
    id: `m${index}`,
    body,
    sentAt: AT,
  }));
  left = messages.map(({ id }) => id);
  return {
    messages,
    hidden: 0,
    delete: async ({ id }) => {
      left = left.filter((other) => other !== id);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
};
beforeEach(() => {
  sqs.reset();
  sqs.on(SendMessageCommand).resolves({ MessageId: 'again' });
});
afterAll(() => sqs.restore());

const sent = () => sqs.commandCalls(SendMessageCommand).map(({ args: [{ input }] }) => input);
const send = async (selection = {}, options = {}) => {
  const results = [];
  const target = { sqs: new SQSClient(), url: 'https://sqs/objects' };
  for await (const one of sendFailedObjects(target, queue(), selection, options)) results.push(one);
  return results;
};

describe('messages about objects that were given up', () => {
  it('are listed by what they are about', () => {
    expect(listFailedObjects(queue(), {})).toEqual([
      { kind: 'failed-object', code: 'object', id: 'm0', bucket: 'texts', key: 'a b.csv', at: AT },
      {
        ...{ kind: 'failed-object', code: 'shard', id: 'm1', bucket: 'texts', key: 'large.csv', at: AT },
        ...{ model: 'm@1', shard_of_object: '2/3' },
      },
      { kind: 'failed-object', code: 'unreadable', id: 'm2', at: AT },
      { kind: 'failed-object', code: 'object', id: 'm3', bucket: 'texts', key: 'c.csv', at: AT },
    ]);
    expect(listFailedObjects(queue(), { codes: ['shard'] })).toHaveLength(1);
    expect(listFailedObjects(queue(), { shards: ['shardId-000000000000'] })).toEqual([]);
  });

  it('go back to their queue as they were, but for what names no object', async () => {
    expect(await send()).toEqual([
      { kind: 'failed-object', what: 's3://texts/a b.csv', records: 1 },
      { kind: 'failed-object', what: 's3://texts/large.csv shard 2/3', records: 1 },
      { kind: 'failed-object', what: 'message m2', records: 0, kept: 'it names no object: delete it' },
      { kind: 'failed-object', what: 's3://texts/c.csv', records: 1 },
    ]);
    expect(sent()).toEqual(
      [OBJECT, SHARD, NOTICE].map((MessageBody) => ({ QueueUrl: 'https://sqs/objects', MessageBody })),
    );
    expect(left).toEqual(['m2']);
  });

  it('stay where they are in a dry run, and where the queue takes none', async () => {
    expect(await send({ codes: ['object'] }, { dryRun: true })).toHaveLength(2);
    expect([sent(), left]).toEqual([[], ['m0', 'm1', 'm2', 'm3']]);
    sqs.on(SendMessageCommand).rejects(new Error('no'));
    await expect(send()).rejects.toThrow('no');
    expect(left).toHaveLength(4);
  });
});
