import Table from 'cli-table3';
import { type Cell, type Column, isMet, type Ratio, type Section, type Target } from './section.ts';

const PLAIN = { style: { head: [], border: [] } };

const number = (value: number, digits: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Two decimals for values near one, none for large ones. */
const digitsOf = (value: number): number => (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);

const withUnit = (text: string, unit: string | undefined): string =>
  unit === undefined ? text : `${text} ${unit}`;

const targetText = (target: Target, unit: string | undefined): string => {
  const [sign, value] =
    'atLeast' in target
      ? ['≥', target.atLeast]
      : 'atMost' in target
        ? ['≤', target.atMost]
        : ['>', target.moreThan];
  return withUnit(`${sign} ${value}`, unit);
};

const ratioRow = (ratio: Ratio): string[] => {
  const { name, value, target, unit } = ratio;
  const met = isMet(ratio);
  return [
    name,
    withUnit(number(value, digitsOf(value)), unit),
    target === undefined ? '' : targetText(target, unit),
    met === undefined ? '' : met ? 'yes' : 'NO',
  ];
};

const cellText = (cell: Cell | undefined, { digits = 0 }: Column): string => {
  if (cell === null || cell === undefined) return '–';
  return typeof cell === 'number' ? number(cell, digits) : cell;
};

/** A section for a terminal: its title, then `figuresText`. */
export const sectionText = (section: Section): string =>
  [section.title, figuresText(section)].filter((part) => part !== '').join('\n');

/** A section without its title: its ratios first, then the figures that they are computed from, then the notes. */
export const figuresText = ({ ratios, columns, rows, notes }: Section): string => {
  const parts: string[] = [];
  if (ratios.length > 0) {
    const table = new Table({ ...PLAIN, head: ['', 'measured', 'target', 'met'] });
    table.push(...ratios.map(ratioRow));
    parts.push(table.toString());
  }
  if (rows.length > 0) {
    const heads = columns.map(({ head }) => head);
    const table = new Table({ ...PLAIN, ...(heads.some((head) => head !== '') && { head: heads }) });
    table.push(...rows.map((row) => columns.map((column) => cellText(row[column.key], column))));
    parts.push(table.toString());
  }
  return [...parts, ...notes.map((note) => `  ${note}`)].join('\n');
};

/** A section without lines around its cells: the title, then each row, its first column as wide as `width`. */
export const listText = ({ title, columns, rows }: Section, width: number): string =>
  [
    title,
    ...rows.map((row) => {
      const [first = '', ...others] = columns.map((column) => cellText(row[column.key], column));
      return `  ${first.padEnd(width)}${others.join(' ')}`;
    }),
  ].join('\n');
