import fc from 'fast-check';
import { SUFFIXES, type Suffix } from '../scenario.ts';

/** A file of a history: so many texts, or the first half of its bytes. */
export interface ProcessFile {
  readonly suffix: Suffix;
  readonly texts: number;
  readonly isCut: boolean;
}

/** An end that comes from outside, once the program has got so far. */
export interface Kill {
  /** From 0 to 1 of what an attempt does in peace: requests to S3, or time where there are none. */
  readonly at: number;
  readonly signal: 'SIGKILL' | 'SIGTERM';
  /** The process that hands shards out alone, as by a person; or with those that work them, as a container ends. */
  readonly whom: 'first' | 'all';
}

/** A history of a program that classifies files, is killed again and again, and at last is left to end. */
export interface ProcessScenario {
  /** `job`: the program of the image over S3. `batch`: `npm run batch` over folders. */
  readonly program: 'job' | 'batch';
  readonly files: readonly ProcessFile[];
  readonly workers: number;
  readonly kills: readonly Kill[];
  /** S3 fails and breaks connections as well, while the program is killed. */
  readonly isStormy: boolean;
  /** Of the faults of S3. */
  readonly seed: number;
}

/** Three shards, whose output is copied together. */
const LARGE = 60_000;

const file: fc.Arbitrary<ProcessFile> = fc.record({
  suffix: fc.constantFrom(...SUFFIXES),
  // Two shards, or one.
  texts: fc.oneof(
    { weight: 1, arbitrary: fc.constant(LARGE) },
    { weight: 4, arbitrary: fc.constantFrom(25_000, 40, 3) },
  ),
  isCut: fc.integer({ min: 1, max: 5 }).map((one) => one === 1),
});

const kill: fc.Arbitrary<Kill> = fc.record({
  // Without a preference for the ends, where nothing happens.
  at: fc.noBias(fc.integer({ min: 0, max: 999 })).map((thousandths) => thousandths / 1_000),
  signal: fc.constantFrom('SIGKILL', 'SIGKILL', 'SIGTERM'),
  whom: fc.constantFrom('first', 'all', 'all'),
});

export const processScenarios = (): fc.Arbitrary<ProcessScenario> =>
  fc.record({
    program: fc.constantFrom('job', 'batch'),
    files: fc.array(file, { minLength: 1, maxLength: 2 }),
    workers: fc.integer({ min: 1, max: 2 }),
    kills: fc.array(kill, { minLength: 1, maxLength: 3, size: 'max' }),
    isStormy: fc.boolean(),
    seed: fc.nat(),
  });
