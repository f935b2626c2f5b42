import type { Cell, Column, Ratio, Target } from './section.ts';

/** Two decimals for values near one, none for large ones. */
const digitsOf = (value: number): number => (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);

export const numberText = (value: number, digits: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

const withUnit = (text: string, unit: string | undefined): string =>
  unit === undefined ? text : `${text} ${unit}`;

/** The value of a ratio, with its unit. */
export const valueText = ({ value, unit }: Pick<Ratio, 'value' | 'unit'>): string =>
  withUnit(numberText(value, digitsOf(value)), unit);

/** A limit, as `≥ 0.95` or `≤ 450 MB`. */
export const targetText = (target: Target, unit: string | undefined): string => {
  const sign = 'atLeast' in target ? '≥' : 'atMost' in target ? '≤' : '>';
  return withUnit(`${sign} ${limitOf(target)}`, unit);
};

/** The value of a limit. */
export const limitOf = (target: Target): number =>
  'atLeast' in target ? target.atLeast : 'atMost' in target ? target.atMost : target.moreThan;

/** A figure or a word of a table; a dash where there is none. */
export const cellText = (cell: Cell | undefined, { digits = 0 }: Column): string => {
  if (cell === null || cell === undefined) return '–';
  return typeof cell === 'number' ? numberText(cell, digits) : cell;
};

/** `0.91 to 1.02`; empty where there is none. */
export const spreadText = ({ value, spread, unit }: Pick<Ratio, 'value' | 'spread' | 'unit'>): string => {
  if (spread === undefined) return '';
  const [least, most] = [spread.least, spread.most].map((one) => numberText(one, digitsOf(value)));
  return withUnit(`${least} to ${most}`, unit);
};
