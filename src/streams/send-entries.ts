import { setTimeout as sleep } from 'node:timers/promises';
import { transient } from '../aws-errors.ts';
import { errorName, must, PermanentError, type RejectCode, TransientError } from '../errors.ts';
import type { CallOptions, PutResult } from '../pipeline/destinations.ts';
import { type CallLimits, nextCalls } from './next-calls.ts';

/** What became of one entry of a call: undefined where it was accepted, else a transient or the permanent error. */
export type EntryAnswer = string | PermanentError | undefined;

/** A batch operation of AWS, which may accept some of its entries and not the others. */
export interface BatchCall<Entry> extends CallLimits<Entry> {
  /** Its name, and what the entries go to, for messages. */
  readonly call: string;
  readonly to: string;
  /** Makes one call. @returns one answer per entry; a missing one counts as not accepted */
  send(entries: readonly Entry[], options: CallOptions): Promise<readonly EntryAnswer[]>;
  /** Whether an error of a call is the fault of one of its entries. */
  isRefusal(error: unknown): boolean;
  /** The code of an entry that is refused. */
  readonly code: RejectCode;
}

export interface SendOptions {
  /** Rounds without an accepted entry, before the remaining ones count as failed. */
  readonly attempts?: number;
  /** The longest pause after a round with an entry that was not accepted, in ms; it doubles with every further one. */
  readonly pauseMs?: number;
  /** Calls at the same time. */
  readonly concurrency?: number;
}

/**
 * Sends entries, as many to a call as it takes, and retries those that were not accepted after a pause with full
 * jitter. A call that is answered may have failed entries, and those after them are accepted all the same: where order
 * counts, a round has at most one entry of a key, and the next one waits until that is accepted.
 *
 * One invalid entry makes AWS refuse the whole call. Its entries are then sent one by one, so that only the one at fault
 * is rejected. Any other error of a call ends the sending: the SDK has retried it already.
 *
 * @returns one result per entry, in their order; errors from AWS are results
 */
export const sendEntries = async <Entry>(
  entries: readonly Entry[],
  batch: BatchCall<Entry>,
  options: CallOptions,
  { attempts = 8, pauseMs = 50, concurrency = 1 }: SendOptions,
): Promise<readonly PutResult[]> => {
  const { call, to } = batch;
  const results = new Map<number, PutResult>();
  const left = new Set(entries.keys());
  let fruitless = 0;
  let troubled = 0;
  let error = new TransientError(`${to} gave no answer`);
  try {
    while (left.size > 0 && fruitless < attempts) {
      if (troubled > 0) {
        await sleep(Math.random() * pauseMs * 2 ** (troubled - 1), undefined, {
          ...(options.signal && { signal: options.signal }),
        });
        options.onRetry?.(1);
      }
      options.signal?.throwIfAborted();
      const before = left.size;
      let refusal: string | undefined;
      const round = nextCalls(entries, left, batch, concurrency);
      const answered = await Promise.allSettled(
        round.map((indices) => sendCall(at(entries, indices), batch, options)),
      );
      for (const [position, ended] of answered.entries()) {
        if (ended.status === 'rejected') continue;
        for (const [place, index] of must(round[position], 'call of a round').entries()) {
          const answer = place < ended.value.length ? ended.value[place] : 'no answer';
          if (typeof answer === 'string') {
            refusal ??= answer;
            continue;
          }
          left.delete(index);
          results.set(
            index,
            answer === undefined ? { kind: 'forwarded' } : { kind: 'rejected', error: answer },
          );
        }
      }
      const broken = answered.find((ended) => ended.status === 'rejected');
      if (broken !== undefined) throw broken.reason;
      fruitless = left.size < before ? 0 : fruitless + 1;
      troubled = refusal === undefined ? 0 : troubled + 1;
      if (refusal !== undefined) error = new TransientError(`${to} did not take a record: ${refusal}`);
    }
  } catch (cause) {
    error = transient(`${call} to ${to} failed: ${errorName(cause)}`, cause);
  }
  return [...entries.keys()].map((index) => results.get(index) ?? { kind: 'failed', error });
};

/** @throws the error of a call that no entry caused */
const sendCall = async <Entry>(
  entries: readonly Entry[],
  batch: BatchCall<Entry>,
  options: CallOptions,
): Promise<readonly EntryAnswer[]> => {
  try {
    return await batch.send(entries, options);
  } catch (cause) {
    if (!batch.isRefusal(cause)) throw cause;
    if (entries.length === 1) return [refused(batch, cause)];
  }
  const answers: EntryAnswer[] = [];
  for (const entry of entries) answers.push(await sendAlone(entry, batch, options));
  return answers;
};

const sendAlone = async <Entry>(
  entry: Entry,
  batch: BatchCall<Entry>,
  options: CallOptions,
): Promise<EntryAnswer> => {
  try {
    const answers = await batch.send([entry], options);
    return answers.length === 0 ? 'no answer' : answers[0];
  } catch (cause) {
    return batch.isRefusal(cause) ? refused(batch, cause) : errorName(cause);
  }
};

const refused = <Entry>({ to, code }: BatchCall<Entry>, cause: unknown): PermanentError =>
  new PermanentError(code, `${to} refused a record: ${errorName(cause)}`, { cause });

const at = <Entry>(entries: readonly Entry[], indices: readonly number[]): readonly Entry[] =>
  indices.map((index) => entries[index] as Entry);
