import type { Deadline } from '../deadline.ts';
import type { Meter } from '../meter.ts';
import type { MessageKind, MessageOutcome } from './message-outcome.ts';
import type { ObjectDoorParts } from './plan-object.ts';
import type { QueuedMessage } from './sqs-event.ts';
import { workMessage } from './work-message.ts';

export interface WorkMessagesParts extends ObjectDoorParts {
  /** Kept back before the deadline, for the last calls of a message that is stopped. */
  readonly deadlineMarginMs: number;
}

/** A message and what became of it. */
export interface WorkedMessage extends QueuedMessage {
  readonly outcome: MessageOutcome;
}

/** Whether a message goes back to its queue, which delivers it again, or puts it aside after its last delivery. */
export const isReturned = ({ outcome: { kind } }: WorkedMessage): boolean => kind in RETURNED;

const HALF_A_MINUTE = 30;
const SIX_HOURS = 6 * 3600;

/**
 * In how many seconds a message that goes back is delivered again, by how often it was. What failed may need an operator
 * or the end of an outage: half a minute, two, eight … six hours. What had no time may have it at once, in an
 * environment of its own; what cannot be read never will be.
 */
const RETURNED: Readonly<Partial<Record<MessageKind, (receives: number) => number>>> = {
  failed: (receives) => Math.min(SIX_HOURS, HALF_A_MINUTE * 4 ** (receives - 1)),
  late: () => 0,
  unreadable: () => 0,
};

/**
 * Works on messages one after another, while there is time, and sets when those that go back are delivered again.
 *
 * @returns one result per message, in their order; it never rejects
 */
export const workMessages = async (
  messages: readonly QueuedMessage[],
  parts: WorkMessagesParts,
  deadline: Deadline,
  meter: Meter,
): Promise<readonly WorkedMessage[]> => {
  const signal = deadline.signal(parts.deadlineMarginMs);
  const worked: WorkedMessage[] = [];
  for (const message of messages) {
    const outcome = await workMessage(message.body, parts, signal, meter);
    const seconds = RETURNED[outcome.kind]?.(message.receives);
    // Without it the message comes back when its visibility timeout ends.
    if (seconds !== undefined) await parts.queue.delay(message.receipt, seconds).catch(() => undefined);
    worked.push({ ...message, outcome });
  }
  return worked;
};
