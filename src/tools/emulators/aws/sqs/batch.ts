import { SqsError } from './errors.ts';
import { type Input, textIn } from './input.ts';
import { send } from './messages.ts';
import { type Operation, queueOf } from './operation.ts';
import type { Queue } from './queue.ts';

/** The same for up to ten, each of which succeeds or fails for itself. */
export const each =
  (work: (queue: Queue, input: Input) => object): Operation =>
  (world, call) => {
    const queue = queueOf(world, call);
    const entries = (call.input.Entries ?? []) as readonly Input[];
    const ids = entries.map((entry) => textIn(entry, 'Id'));
    if (ids.length === 0)
      throw new SqsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
    if (ids.length > 10) {
      throw new SqsError('TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10.');
    }
    if (new Set(ids).size < ids.length) {
      throw new SqsError(
        'BatchEntryIdsNotDistinct',
        'Two or more batch entries in the request have the same Id.',
      );
    }
    const Successful: object[] = [];
    const Failed: object[] = [];
    for (const [index, entry] of entries.entries()) {
      const Id = ids[index];
      try {
        Successful.push({ Id, ...work(queue, entry) });
      } catch (error) {
        if (!(error instanceof SqsError)) throw error;
        Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true });
      }
    }
    return { Successful, ...(Failed.length > 0 && { Failed }) };
  };

/** Messages, which may have so many bytes in all as one. */
export const sendBatch: Operation = (world, call) => {
  const entries = (call.input.Entries ?? []) as readonly Input[];
  const bytes = entries.reduce((sum, { MessageBody }) => sum + Buffer.byteLength(String(MessageBody)), 0);
  if (bytes > 1_048_576) {
    throw new SqsError('BatchRequestTooLong', 'Batch requests cannot be longer than 1048576 bytes.');
  }
  return each(send)(world, call);
};
