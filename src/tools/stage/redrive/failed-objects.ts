import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { readMessage } from '../../../pipeline/objects/messages.ts';
import type { Listed } from './list.ts';
import type { Messages, QueueMessage } from './queue.ts';
import type { Selection } from './selection.ts';
import type { Redriven } from './send-rejects.ts';

type FailedObject = Extract<Listed, { readonly kind: 'failed-object' }>;

/** What a message of the queue of failed objects is about. */
const described = ({ id, body, sentAt = '' }: QueueMessage): FailedObject => {
  const message = readMessage(body);
  const common = { kind: 'failed-object', id, at: sentAt } as const;
  if (message.kind === 'objects') {
    const { bucket, key } = message.objects[0] ?? {};
    return {
      ...common,
      code: 'object',
      ...(bucket !== undefined && { bucket }),
      ...(key !== undefined && { key }),
    };
  }
  if (message.kind === 'shard') {
    const { run, shard } = message.task;
    const { bucket, key } = run.source;
    const shard_of_object = `${shard.index + 1}/${shard.count}`;
    return { ...common, code: 'shard', bucket, key, model: run.model, shard_of_object };
  }
  return { ...common, code: 'unreadable' };
};

/** Messages have no shard of a stream and no sequence number: a selection by these has none of them. */
const chosen = ({ messages }: Messages, { codes, shards, sequences }: Selection) =>
  shards !== undefined || sequences !== undefined
    ? []
    : messages
        .map((message) => ({ message, about: described(message) }))
        .filter(({ about }) => codes?.includes(about.code) ?? true);

/** The chosen messages of the queue of failed objects. */
export const listFailedObjects = (queue: Messages, selection: Selection): readonly Listed[] =>
  chosen(queue, selection).map(({ about }) => about);

export interface ObjectsTarget {
  readonly sqs: SQSClient;
  /** The queue that the function reads. */
  readonly url: string;
}

/**
 * Puts the chosen messages into the queue that they came from, and deletes each once it is there. If that is interrupted
 * in between, a message comes twice, which does nothing the second time.
 */
export async function* sendFailedObjects(
  { sqs, url: QueueUrl }: ObjectsTarget,
  queue: Messages,
  selection: Selection,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): AsyncGenerator<Redriven> {
  for (const { message, about } of chosen(queue, selection)) {
    const { code, id, bucket, key, shard_of_object: shard } = about;
    if (code === 'unreadable') {
      yield {
        kind: 'failed-object',
        what: `message ${id}`,
        records: 0,
        kept: 'it names no object: delete it',
      };
      continue;
    }
    if (!dryRun) {
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: message.body }));
      await queue.delete(message);
    }
    const what = `s3://${bucket}/${key}${shard === undefined ? '' : ` shard ${shard}`}`;
    yield { kind: 'failed-object', what, records: 1 };
  }
}
