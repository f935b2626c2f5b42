import { setTimeout as sleep } from 'node:timers/promises';
import { type Attempt, type Ended, startAttempt } from './attempt.ts';
import type { ProcessPlace } from './places.ts';
import type { Kill } from './scenario.ts';

/**
 * An attempt that is ended when it has got so far, unless it is over before.
 *
 * @param peacefulMs what one takes
 * @returns at which step it was ended
 */
export const killedAttempt = async (
  place: ProcessPlace,
  kill: Kill,
  peacefulMs: number,
  onStarted: (attempt: Attempt) => void,
): Promise<{ readonly step: string | undefined; readonly ended: Ended }> => {
  const attempt = startAttempt(place.program);
  onStarted(attempt);
  let step: string | undefined;
  const end = (where: string): void => {
    if (step !== undefined) return;
    step = where;
    attempt.kill(kill);
  };
  const last = Math.floor(kill.at * place.requests);
  let requests = 0;
  place.onRequest(({ operation, key }) => {
    requests += 1;
    if (requests > last) end(`${operation} of ${kindOf(key)}`);
  });
  const over = new AbortController();
  if (place.requests === 0)
    void sleep(kill.at * peacefulMs, undefined, { signal: over.signal }).then(
      () => end(`${Math.floor(kill.at * 4) * 25} % of the time`),
      () => undefined,
    );
  const ended = await attempt.ended;
  over.abort();
  return { step, ended };
};

/** What a request is about, for reports. */
const kindOf = (key: string): string => {
  if (key === '') return 'a bucket';
  if (key.endsWith('.manifest.json')) return 'a manifest';
  if (key.includes('.parts/')) return key.endsWith('.json') ? 'the report of a shard' : 'a part';
  return key.endsWith('.out') ? 'an output' : 'an input';
};
