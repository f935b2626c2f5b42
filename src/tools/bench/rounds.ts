import type { Measurement } from '../report/section.ts';

/** Runs a piece of work once; returns its milliseconds if it has measured them itself. */
export type Contender = () => Promise<number | undefined>;

export interface Rounds {
  /** Rounds that count. */
  readonly rounds: number;
  /** Rounds before them, in which code is compiled and caches fill. */
  readonly warmUps?: number;
}

/**
 * The milliseconds of each contender: the median, and those of each round. They take turns, so that other load on the
 * machine affects all alike.
 */
export const takeTurns = async <Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  { rounds: count, warmUps = 1 }: Rounds,
): Promise<Readonly<Record<Name, Measurement>>> => {
  const names = Object.keys(contenders) as Name[];
  const times = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = -warmUps; round < count; round += 1) {
    for (const name of names) {
      const from = performance.now();
      const own = await contenders[name]();
      if (round >= 0) times.get(name)?.push(own ?? performance.now() - from);
    }
  }
  const measured = names.map((name): readonly [Name, Measurement] => {
    const rounds = times.get(name) ?? [];
    return [name, { value: median(rounds), rounds }];
  });
  return Object.fromEntries(measured) as Record<Name, Measurement>;
};

/** The median; the upper one of an even number, NaN for an empty list. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

export const perSecond = (records: number, ms: number): number => (records * 1000) / ms;

/** Records a second, in each round too, of so many records in so many milliseconds. */
export const speedOf = (records: number, ms: Measurement): Measurement => ({
  value: perSecond(records, ms.value),
  rounds: ms.rounds.map((one) => perSecond(records, one)),
});
