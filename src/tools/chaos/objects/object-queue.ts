import type { QueuedMessage } from '../../../pipeline/objects/sqs-event.ts';

interface Waiting extends QueuedMessage {
  /** The delivery from which on it is due. */
  readonly due: number;
}

/** A queue without order, whose clock counts deliveries. */
export interface ObjectQueue {
  /** @param delay in deliveries */
  add(body: string, delay?: number): void;
  /** Takes a message that is due, the `choice`-th of them; where none is, time passes until one is. */
  take(choice: number): QueuedMessage | undefined;
  /** Puts a message back, to be delivered again. */
  giveBack(message: QueuedMessage): void;
}

export const objectQueue = (): ObjectQueue => {
  let waiting: readonly Waiting[] = [];
  let now = 0;
  let added = 0;
  return {
    add: (body, delay = 0) => {
      added += 1;
      waiting = [...waiting, { id: `m${added}`, receipt: `m${added}`, body, receives: 1, due: now + delay }];
    },
    take: (choice) => {
      if (waiting.length === 0) return undefined;
      now = Math.max(now + 1, Math.min(...waiting.map(({ due }) => due)));
      const due = waiting.filter((one) => one.due <= now);
      const taken = due[choice % due.length];
      waiting = waiting.filter((one) => one !== taken);
      return taken;
    },
    giveBack: (message) => {
      waiting = [...waiting, { ...message, receives: message.receives + 1, due: now + 1 }];
    },
  };
};
