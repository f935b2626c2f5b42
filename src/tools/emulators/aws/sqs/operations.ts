import { each, sendBatch } from './batch.ts';
import { invalidValue, noSuchQueue } from './errors.ts';
import { attributesIn, namesIn, textIn } from './input.ts';
import { changeVisibility, receive, remove, send } from './messages.ts';
import { ACCOUNT, type Operation, queueOf, urlOf } from './operation.ts';
import { createQueue } from './queue.ts';

const create: Operation = (world, { input, region }) => {
  const name = textIn(input, 'QueueName');
  if (!/^[\w-]{1,80}$/.test(name)) {
    throw invalidValue(
      'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length; the embedded SQS has no FIFO queues',
    );
  }
  const arnOf = (queue: string) => `arn:aws:sqs:${region}:${ACCOUNT}:${queue}`;
  const findQueue = (arn: string) => [...world.queues.values()].find((queue) => queue.arn === arn);
  const surroundings = { secondMs: world.secondMs, queueOf: findQueue };
  const queue = world.queues.get(name) ?? createQueue(name, arnOf(name), surroundings);
  queue.setAttributes(attributesIn(input, 'Attributes'));
  world.queues.set(name, queue);
  return { QueueUrl: urlOf(world, queue) };
};

/** By the name of the operation, as SDKs send it. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateQueue: create,
  DeleteQueue: (world, call) => {
    world.queues.delete(queueOf(world, call).name);
    return {};
  },
  GetQueueUrl: (world, { input }) => {
    const queue = world.queues.get(textIn(input, 'QueueName'));
    if (queue === undefined) throw noSuchQueue();
    return { QueueUrl: urlOf(world, queue) };
  },
  ListQueues: (world, { input }) => {
    const prefix = typeof input.QueueNamePrefix === 'string' ? input.QueueNamePrefix : '';
    const found = [...world.queues.values()].filter(({ name }) => name.startsWith(prefix));
    return found.length === 0 ? {} : { QueueUrls: found.map((queue) => urlOf(world, queue)) };
  },
  GetQueueAttributes: (world, call) => {
    const names = namesIn(call.input, 'AttributeNames');
    const found = Object.entries(queueOf(world, call).attributes()).filter(
      ([name]) => names.includes('All') || names.includes(name),
    );
    return found.length === 0 ? {} : { Attributes: Object.fromEntries(found) };
  },
  SetQueueAttributes: (world, call) => {
    queueOf(world, call).setAttributes(attributesIn(call.input, 'Attributes'));
    return {};
  },
  PurgeQueue: (world, call) => {
    queueOf(world, call).purge();
    return {};
  },
  SendMessage: (world, call) => send(queueOf(world, call), call.input),
  SendMessageBatch: sendBatch,
  ReceiveMessage: receive,
  DeleteMessage: (world, call) => remove(queueOf(world, call), call.input),
  DeleteMessageBatch: each(remove),
  ChangeMessageVisibility: (world, call) => changeVisibility(queueOf(world, call), call.input),
  ChangeMessageVisibilityBatch: each(changeVisibility),
};
