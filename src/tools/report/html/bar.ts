import type { Spread } from '../section.ts';
import { type Markup, markup } from './markup.ts';

const percent = (part: number, whole: number): string =>
  `${(whole > 0 ? Math.min(1, Math.max(0, part / whole)) * 100 : 0).toFixed(2)}%`;

export interface BarMarks {
  /** A mark across the bar. */
  readonly limit?: number | undefined;
  /** A line along the bar's middle, from the least to the greatest. */
  readonly spread?: Spread | undefined;
}

/** A bar as long as its share of the cell. @param most what the whole cell is */
export const bar = (value: number, most: number, { limit, spread }: BarMarks = {}): Markup => {
  const at = limit === undefined ? undefined : percent(limit, most);
  return markup`<svg aria-hidden="true"><rect width="${percent(value, most)}" height="100%"/>${
    spread === undefined
      ? undefined
      : markup`<line class="spread" x1="${percent(spread.least, most)}" x2="${percent(spread.most, most)}" y1="50%" y2="50%"/>`
  }${at === undefined ? undefined : markup`<line x1="${at}" x2="${at}" y1="0" y2="100%"/>`}</svg>`;
};
