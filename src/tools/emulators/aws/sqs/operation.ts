import { noSuchQueue } from './errors.ts';
import { type Input, textIn } from './input.ts';
import type { Queue } from './queue.ts';

export interface SqsWorld {
  readonly queues: Map<string, Queue>;
  readonly secondMs: number;
  /** Where the server listens: queues' URLs begin with it. */
  endpoint(): string;
}

export interface SqsCall {
  readonly input: Input;
  readonly region: string;
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal;
}

export type Operation = (world: SqsWorld, call: SqsCall) => object | Promise<object>;

export const ACCOUNT = '000000000000';
export const urlOf = (world: SqsWorld, { name }: Queue): string => `${world.endpoint()}/${ACCOUNT}/${name}`;

/** The queue that a call names by its URL. @throws SqsError */
export const queueOf = ({ queues }: SqsWorld, { input }: SqsCall): Queue => {
  const name = textIn(input, 'QueueUrl').split('/').at(-1) ?? '';
  const queue = queues.get(name);
  if (queue === undefined) throw noSuchQueue();
  return queue;
};
