import { setTimeout as sleep } from 'node:timers/promises';
import { TransientError } from '../errors.ts';
import type {
  CallOptions,
  Forwarder,
  LabelStore,
  RecordStream,
  RejectStore,
} from '../pipeline/destinations.ts';

export interface Patience {
  /** The longest pause before the first retry, in ms; it doubles with every further one. */
  readonly pauseMs?: number;
  /** The longest of all pauses, in ms. */
  readonly maxPauseMs?: number;
}

/**
 * Waits during an outage: while all writes fail, they are retried after a pause with jitter, until the signal aborts.
 * An invocation that waits costs less than many that fail, and uses none of the batch's retries. As soon as one write
 * succeeds, the failed ones are reported: the stream delivers them again.
 *
 * Without a signal nothing is retried, as it might never end.
 *
 * @param attempt makes the writes; returns whether all failed, and a retry can help
 */
const patiently = async <Result>(
  attempt: () => Promise<Result>,
  isOutage: (result: Result) => boolean,
  { signal, onRetry }: CallOptions,
  { pauseMs = 200, maxPauseMs = 5_000 }: Patience,
): Promise<Result> => {
  let result = await attempt();
  for (let pauses = 0; signal?.aborted === false && isOutage(result); pauses += 1) {
    const longest = Math.min(maxPauseMs, pauseMs * 2 ** Math.min(pauses, 16));
    const isOver = await sleep(longest / 2 + (Math.random() * longest) / 2, false, { signal }).catch(
      () => true,
    );
    if (isOver) break;
    onRetry?.(1);
    result = await attempt();
  }
  return result;
};

/** Whether all failed, for reasons that may be temporary. */
const isOutage = (results: readonly object[]): boolean =>
  results.length > 0 && results.every((result) => 'error' in result && mayPass(result.error));

const mayPass = (error: unknown): boolean => error instanceof TransientError && !error.isLasting;

/** A label store that waits while all of its writes fail. */
export const patientLabels = (store: LabelStore, patience: Patience = {}): LabelStore => ({
  put: (writes, options = {}) => patiently(() => store.put(writes, options), isOutage, options, patience),
});

/** A stream that waits while it accepts none of the records. */
export const patientStream = (stream: RecordStream, patience: Patience = {}): RecordStream => ({
  put: (records, options = {}) => patiently(() => stream.put(records, options), isOutage, options, patience),
});

/** A forwarder that waits while it can forward no event. */
export const patientForwarder = (to: Forwarder, patience: Patience = {}): Forwarder => ({
  put: (events, options = {}) => patiently(() => to.put(events, options), isOutage, options, patience),
});

/** A reject store that waits while rejects cannot be stored. */
export const patientRejects = (store: RejectStore, patience: Patience = {}): RejectStore => ({
  put: async (rejects, options = {}) => {
    const attempt = async (): Promise<TransientError | undefined> => {
      try {
        return await store.put(rejects, options).then(() => undefined);
      } catch (error) {
        if (error instanceof TransientError) return error;
        throw error;
      }
    };
    const error = await patiently(attempt, mayPass, options, patience);
    if (error !== undefined) throw error;
  },
});
