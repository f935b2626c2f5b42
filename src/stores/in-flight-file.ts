import { openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InFlight, NOT_WATCHED } from '../pipeline/in-flight.ts';

/** The number of texts in work when environments ended that are remembered: the last ones. */
const MOST_SUSPECTS = 2_000;

/** How often an environment may end while a text is alone in work: the first time may have another reason. */
const ENOUGH = 2;

const PREFIX = 'labelstream-in-flight-';

/**
 * Stores the texts in work in a file, as hashes. Lambda keeps `/tmp` when the process of an environment ends by a
 * time-out or a crash and is restarted, so the next process finds which texts were in work. It classifies these one by
 * one, and rejects a text with which it ended repeatedly.
 *
 * Where files cannot be written, nothing is remembered.
 *
 * @param folder where files stay when a process ends
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-invoke-with-errors
 */
export const inFlightFile = (folder = tmpdir()): InFlight => {
  const suspectsFile = join(folder, 'labelstream-suspects.json');
  const suspects = new Map(readSuspects(suspectsFile));
  const ended = filesOfTheDead(folder).map(readUnderWay);
  for (const underWay of ended) {
    for (const hash of underWay) {
      const deaths = suspects.get(hash) ?? 0;
      suspects.delete(hash);
      suspects.set(hash, underWay.length === 1 ? deaths + 1 : deaths);
    }
  }
  const save = (): void => {
    writeFileSync(suspectsFile, JSON.stringify([...suspects].slice(-MOST_SUSPECTS)));
  };
  const descriptor = attempt(() => {
    if (ended.length > 0) save();
    for (const file of filesOfTheDead(folder)) rmSync(file, { force: true });
    return openSync(join(folder, PREFIX + process.pid), 'w');
  });
  if (descriptor === undefined) return NOT_WATCHED;

  // Overwritten from the start: the number is the count of valid hashes after it.
  const write = (hashes: readonly string[]): void => {
    attempt(() => writeSync(descriptor, `${hashes.length}\n${hashes.join('\n')}\n`, 0));
  };
  const suspicionOf: InFlight['suspicionOf'] = (hash) => {
    const deaths = suspects.get(hash);
    if (deaths === undefined) return 'none';
    return deaths >= ENOUGH ? 'guilty' : 'suspect';
  };
  return {
    suspicionOf,
    during: async (hashes, work) => {
      write(hashes);
      try {
        return await work();
      } finally {
        write([]);
        const cleared = suspects.size > 0 ? hashes.filter((hash) => suspicionOf(hash) === 'suspect') : [];
        for (const hash of cleared) suspects.delete(hash);
        if (cleared.length > 0) attempt(save);
      }
    },
  };
};

/** Files of processes that have ended: on Lambda the next process often has the same id. */
const filesOfTheDead = (folder: string): readonly string[] =>
  (attempt(() => readdirSync(folder)) ?? [])
    .filter((name) => name.startsWith(PREFIX) && !isAnothers(Number(name.slice(PREFIX.length))))
    .map((name) => join(folder, name));

const isAnothers = (pid: number): boolean =>
  pid !== process.pid && attempt(() => process.kill(pid, 0)) === true;

const readUnderWay = (file: string): readonly string[] => {
  const [count = '0', ...hashes] = (attempt(() => readFileSync(file, 'utf8')) ?? '').split('\n');
  return hashes.slice(0, Number(count));
};

const readSuspects = (file: string): readonly (readonly [string, number])[] =>
  attempt(() => JSON.parse(readFileSync(file, 'utf8')) as readonly (readonly [string, number])[]) ?? [];

/** Errors of reading and writing are ignored: labelling continues without remembering. */
const attempt = <Result>(work: () => Result): Result | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};
