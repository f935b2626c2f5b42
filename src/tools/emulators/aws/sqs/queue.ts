import { randomUUID } from 'node:crypto';
import { invalidValue, SqsError } from './errors.ts';
import type { MessageAttributes, StoredMessage } from './message.ts';

/** The attributes that have an effect here, with AWS's defaults; times in seconds. */
const DEFAULTS: Readonly<Record<string, string>> = {
  VisibilityTimeout: '30',
  DelaySeconds: '0',
  ReceiveMessageWaitTimeSeconds: '0',
  MessageRetentionPeriod: '345600',
  MaximumMessageSize: '1048576',
};

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

export interface Queue {
  readonly name: string;
  readonly arn: string;
  /** Those that were set, and the defaults of the others. */
  attributes(): Readonly<Record<string, string>>;
  setAttributes(attributes: Readonly<Record<string, string>>): void;
  seconds(attribute: string): number;
  send(body: string, attributes: MessageAttributes, delaySeconds?: number): StoredMessage;
  /** Up to `most` visible messages, which nobody else gets for a while. */
  take(most: number, visibilitySeconds: number): readonly StoredMessage[];
  /** Resolves when a message may be visible, after the time, or when the signal aborts. */
  wait(seconds: number, signal: AbortSignal): Promise<void>;
  /** A handle that is not of the last delivery of a message deletes nothing, and is no error. */
  delete(handle: string): void;
  changeVisibility(handle: string, seconds: number): void;
  purge(): void;
  /** Takes a message that another queue has given up. */
  adopt(message: StoredMessage, source: string): void;
}

export interface QueueSurroundings {
  /** How long a second of timeouts and delays takes, in ms. */
  readonly secondMs: number;
  queueOf(arn: string): Queue | undefined;
}

const policyOf = (text: string | undefined): RedrivePolicy | undefined => {
  if (text === undefined || text === '') return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(text) as Partial<Record<string, unknown>>;
  if (typeof deadLetterTargetArn !== 'string' || !(Number(maxReceiveCount) >= 1)) {
    throw invalidValue('Value for parameter RedrivePolicy is invalid.');
  }
  return { deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) };
};

/** A standard queue in memory: every message at least once, in about their order. */
export const createQueue = (name: string, arn: string, { secondMs, queueOf }: QueueSurroundings): Queue => {
  const messages = new Map<string, StoredMessage>();
  const byHandle = new Map<string, StoredMessage>();
  const waiting = new Set<() => void>();
  const createdAt = Math.floor(Date.now() / 1_000);
  let set: Readonly<Record<string, string>> = {};

  const isVisible = ({ visibleAt }: StoredMessage): boolean => visibleAt <= performance.now();
  const wake = (): void => {
    for (const resolve of [...waiting]) resolve();
  };
  const drop = (message: StoredMessage): void => {
    messages.delete(message.id);
    if (message.handle !== undefined) byHandle.delete(message.handle);
  };
  const counts = () => {
    const hidden = [...messages.values()].filter((message) => !isVisible(message));
    const inFlight = hidden.filter((message) => message.inFlight).length;
    return {
      ApproximateNumberOfMessages: String(messages.size - hidden.length),
      ApproximateNumberOfMessagesNotVisible: String(inFlight),
      ApproximateNumberOfMessagesDelayed: String(hidden.length - inFlight),
    };
  };
  const seconds = (attribute: string): number => Number(set[attribute] ?? DEFAULTS[attribute]);

  const deliver = (message: StoredMessage, visibilitySeconds: number): StoredMessage => {
    if (message.handle !== undefined) byHandle.delete(message.handle);
    message.handle = Buffer.from(`${message.id} ${randomUUID()}`).toString('base64');
    byHandle.set(message.handle, message);
    message.receiveCount += 1;
    message.firstReceivedAt ??= Date.now();
    message.inFlight = true;
    message.visibleAt = performance.now() + visibilitySeconds * secondMs;
    return { ...message };
  };

  const take = (most: number, visibilitySeconds: number): readonly StoredMessage[] => {
    const taken: StoredMessage[] = [];
    const policy = policyOf(set.RedrivePolicy);
    for (const message of messages.values()) {
      if (taken.length === most) break;
      if (!isVisible(message)) continue;
      const deadLetters = policy && queueOf(policy.deadLetterTargetArn);
      if (policy && deadLetters && message.receiveCount >= policy.maxReceiveCount) {
        drop(message);
        deadLetters.adopt(message, arn);
      } else taken.push(deliver(message, visibilitySeconds));
    }
    return taken;
  };

  const wait = (waitSeconds: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      let soonest = Number.POSITIVE_INFINITY;
      for (const { visibleAt } of messages.values()) soonest = Math.min(soonest, visibleAt);
      const ms = Math.min(waitSeconds * 1_000, Math.max(1, soonest - performance.now()));
      const done = (): void => {
        clearTimeout(timer);
        waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      waiting.add(done);
      signal.addEventListener('abort', done);
    });

  return {
    ...{ name, arn, seconds, take, wait },
    attributes: () => ({
      ...{ ...DEFAULTS, ...set, ...counts(), QueueArn: arn },
      ...{ CreatedTimestamp: String(createdAt), LastModifiedTimestamp: String(createdAt) },
    }),
    setAttributes: (attributes) => {
      policyOf(attributes.RedrivePolicy);
      set = { ...set, ...attributes };
    },
    send: (body, attributes, delaySeconds = seconds('DelaySeconds')) => {
      const message: StoredMessage = {
        ...{ id: randomUUID(), body, attributes, sentAt: Date.now() },
        ...{ firstReceivedAt: undefined, receiveCount: 0, handle: undefined, inFlight: false },
        visibleAt: performance.now() + delaySeconds * secondMs,
      };
      messages.set(message.id, message);
      wake();
      return message;
    },
    delete: (handle) => {
      const message = byHandle.get(handle);
      if (message !== undefined) drop(message);
    },
    changeVisibility: (handle, visibilitySeconds) => {
      const message = byHandle.get(handle);
      if (message === undefined) {
        throw invalidValue(
          `Value ${handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
        );
      }
      if (isVisible(message)) {
        throw new SqsError('MessageNotInflight', 'The message is not in flight.');
      }
      message.visibleAt = performance.now() + visibilitySeconds * secondMs;
      if (visibilitySeconds === 0) message.inFlight = false;
      wake();
    },
    purge: () => {
      messages.clear();
      byHandle.clear();
    },
    adopt: (message, source) => {
      messages.set(message.id, {
        ...message,
        ...{ handle: undefined, inFlight: false, deadLetterSource: source, visibleAt: performance.now() },
      });
      wake();
    },
  };
};
