import { setTimeout as sleep } from 'node:timers/promises';
import { type PermanentError, TransientError } from '../../errors.ts';
import type { CallOptions } from '../../pipeline/destinations.ts';
import { countRetries, fromDynamoDb, isRefused, isUnsent } from './calls.ts';

export interface RoundOptions extends CallOptions {
  /** Rounds in which entries are sent before they count as failed. */
  readonly attempts: number;
  /** The longest pause before the second round, in ms; it doubles with every round. */
  readonly pauseMs: number;
}

/** What a call of a batch operation left undone: which entries to send again, and why. */
export interface Round<Entry> {
  readonly again: readonly Entry[];
  readonly reason: string;
}

export interface Sender<Entry> {
  /** The call and the table, for messages. */
  readonly what: string;
  /** Makes one call; it stores the result of each entry that it does not return as left undone. */
  send(entries: readonly Entry[]): Promise<Round<Entry>>;
  /** Whether an entry has only values that a request can have. */
  isSendable(entry: Entry): boolean;
  /** Stores an error as the result of each of these entries. */
  fail(entries: readonly Entry[], error: PermanentError | TransientError): void;
}

/** DynamoDB accepts 25 items or statements in a call. */
const CALL_SIZE = 25;

/** Entries by calls, as many to a call as DynamoDB accepts. */
export const inCalls = <Entry>(entries: readonly Entry[], size = CALL_SIZE): readonly (readonly Entry[])[] =>
  Array.from({ length: Math.ceil(entries.length / size) }, (_, call) =>
    entries.slice(call * size, (call + 1) * size),
  );

/**
 * Sends the entries of one call, and retries those left undone after a pause with full jitter. The entries of a refused
 * call are sent in halves, down to one by one, so that only the entries at fault are refused. Where the SDK could not
 * send a call, these are the entries that are not sendable; if all are, the error is transient. It does not throw: an
 * error is a result.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export const sendInRounds = async <Entry>(
  entries: readonly Entry[],
  sender: Sender<Entry>,
  options: RoundOptions,
): Promise<void> => {
  const { what, send, fail, isSendable } = sender;
  const { attempts, pauseMs, signal, onRetry } = options;
  let left = entries;
  let reason = '';
  try {
    for (let attempt = 0; attempt < attempts && left.length > 0; attempt += 1) {
      if (attempt > 0) {
        await sleep(Math.random() * pauseMs * 2 ** (attempt - 1), undefined, signal && { signal });
        onRetry?.(1);
      }
      ({ again: left, reason } = await send(left));
    }
    if (left.length === 0) return;
    fail(left, new TransientError(`${what} left ${left.length} undone in ${attempts} attempts: ${reason}`));
  } catch (cause) {
    if ((isRefused(cause) || isUnsent(cause)) && left.length > 1) {
      const middle = Math.ceil(left.length / 2);
      for (const half of [left.slice(0, middle), left.slice(middle)])
        await sendInRounds(half, sender, options);
      return;
    }
    countRetries(cause, options);
    fail(left, fromDynamoDb(what, cause, left.every(isSendable)));
  }
};
