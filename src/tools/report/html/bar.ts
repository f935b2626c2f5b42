import { type Markup, markup } from './markup.ts';

const percent = (part: number, whole: number): string =>
  `${(whole > 0 ? Math.min(1, Math.max(0, part / whole)) * 100 : 0).toFixed(2)}%`;

/** A bar as long as its share of the cell, and a mark at a limit. */
export const bar = (value: number, most: number, limit?: number): Markup => {
  const at = limit === undefined ? undefined : percent(limit, most);
  return markup`<svg aria-hidden="true"><rect width="${percent(value, most)}" height="100%"/>${
    at === undefined ? undefined : markup`<line x1="${at}" x2="${at}" y1="0" y2="100%"/>`
  }</svg>`;
};
