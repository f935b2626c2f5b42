import { InvalidArgumentError } from 'commander';

/** Parses an option that is a whole number within bounds, both included. */
export const whole =
  (from: number, to: number) =>
  (value: string): number => {
    const number = Number(value);
    if (Number.isInteger(number) && number >= from && number <= to) return number;
    throw new InvalidArgumentError(`It should be a whole number from ${from} to ${to}.`);
  };
