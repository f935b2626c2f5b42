import type { FailureMessage } from '../emulators/event-source/failure-message.ts';
import type { Messages, QueueMessage } from '../stage/redrive/queue.ts';
import { sendFailedBatches, type StreamTarget } from '../stage/redrive/send-failed-batches.ts';

/** The on-failure destination of an ingest's event source mapping. */
export interface FailedBatches {
  readonly onFailure: (message: FailureMessage) => Promise<void>;
  /**
   * Sends discarded batches through the stream again, repeatedly if they are discarded again.
   *
   * @param drained resolves when the stream is drained
   * @returns how many records were put into the stream again
   */
  redrive(drained: () => Promise<void>): Promise<number>;
}

/** A batch that was discarded this often would not succeed the next time. */
const ROUNDS = 3;

/** A queue of failed batches in memory, processed like `npm run redrive -- send --failed-batches`. */
export const failedBatches = (target: StreamTarget): FailedBatches => {
  let queue: readonly QueueMessage[] = [];
  let received = 0;

  const sendAll = async (): Promise<number> => {
    let records = 0;
    const messages: Messages = {
      messages: queue,
      hidden: 0,
      delete: async (message) => {
        queue = queue.filter(({ id }) => id !== message.id);
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
    for await (const sent of sendFailedBatches(target, messages, {})) records += sent.records;
    return records;
  };

  return {
    onFailure: async (message) => {
      received += 1;
      queue = [...queue, { id: String(received), body: JSON.stringify(message) }];
    },
    redrive: async (drained) => {
      let records = 0;
      for (let round = 0; queue.length > 0 && round < ROUNDS; round += 1) {
        records += await sendAll();
        await drained();
      }
      return records;
    },
  };
};
