import Table from 'cli-table3';
import { isMet, type Ratio, type Section } from './section.ts';
import { cellText, spreadText, targetText, valueText } from './words.ts';

const PLAIN = { style: { head: [], border: [] } };

const ratioRow = (ratio: Ratio, hasSpread: boolean): string[] => {
  const { name, target, unit } = ratio;
  const met = isMet(ratio);
  return [
    name,
    valueText(ratio),
    ...(hasSpread ? [spreadText(ratio)] : []),
    target === undefined ? '' : targetText(target, unit),
    met === undefined ? '' : met ? 'yes' : 'NO',
  ];
};

/** A section for a terminal: its title, then `figuresText`. */
export const sectionText = (section: Section): string =>
  [section.title, figuresText(section)].filter((part) => part !== '').join('\n');

/** A section without its title: its ratios first, then the figures that they are computed from, then the notes. */
export const figuresText = ({ ratios, columns, rows, notes }: Section): string => {
  const parts: string[] = [];
  if (ratios.length > 0) {
    const hasSpread = ratios.some(({ spread }) => spread !== undefined);
    const head = ['', 'measured', ...(hasSpread ? ['in the rounds'] : []), 'target', 'met'];
    const table = new Table({ ...PLAIN, head });
    table.push(...ratios.map((ratio) => ratioRow(ratio, hasSpread)));
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
