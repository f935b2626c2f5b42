import { type Column, isMet, type Ratio, type Section } from '../section.ts';
import { cellText, limitOf, spreadText, targetText, valueText } from '../words.ts';
import { bar } from './bar.ts';
import { type Markup, markup } from './markup.ts';

/** A table that scrolls where it is wider than the page. @param label what it shows */
export const tableMarkup = (columns: readonly Column[], rows: Section['rows'], label: string): Markup => {
  const isNumber = ({ key }: Column): boolean => rows.some((row) => typeof row[key] === 'number');
  const kinds = columns.map((column) => (isNumber(column) ? 'number' : 'text'));
  const hasHeads = columns.some(({ head }) => head !== '');
  const heads = columns.map(({ head }, index) =>
    head === '' ? markup`<td></td>` : markup`<th scope="col" class="${kinds[index]}">${head}</th>`,
  );
  const cells = (row: Section['rows'][number]) =>
    columns.map((column, index) => {
      const text = cellText(row[column.key], column);
      return index === 0 && kinds[index] === 'text'
        ? markup`<th scope="row">${text}</th>`
        : markup`<td class="${kinds[index]}">${text}</td>`;
    });
  return scrolled(
    label,
    markup`<table>${hasHeads ? markup`<thead><tr>${heads}</tr></thead>` : undefined}<tbody>${rows.map(
      (row) => markup`<tr>${cells(row)}</tr>`,
    )}</tbody></table>`,
  );
};

const scrolled = (label: string, table: Markup): Markup =>
  markup`<div class="wide" tabindex="0" role="group" aria-label="${label}">${table}</div>`;

/** Ratios as bars, each with a mark at its target. */
export const ratiosMarkup = (ratios: readonly Ratio[], label: string): Markup => {
  const hasSpread = ratios.some(({ spread }) => spread !== undefined);
  return scrolled(
    label,
    markup`<table><thead><tr><th scope="col">figure</th><th scope="col">beside its target, or 1</th><th scope="col" class="number">measured</th>${
      hasSpread ? markup`<th scope="col" class="number">in the rounds</th>` : undefined
    }<th scope="col" class="number">target</th><th scope="col">met</th></tr></thead><tbody>${ratios.map(
      (ratio) => ratioMarkup(ratio, hasSpread),
    )}</tbody></table>`,
  );
};

/** A ratio without a target is shown beside 1, where both are the same. */
const markOf = ({ target, unit }: Ratio): number | undefined => {
  if (target !== undefined) return limitOf(target);
  return unit === undefined ? 1 : undefined;
};

const ratioMarkup = (ratio: Ratio, hasSpread: boolean): Markup => {
  const { name, value, spread, target, unit } = ratio;
  const met = isMet(ratio);
  const mark = markOf(ratio);
  return markup`<tr class="${met === false ? 'missed' : ''}"><th scope="row">${name}</th><td class="bar">${
    mark === undefined
      ? undefined
      : bar(value, 1.1 * Math.max(value, mark, spread?.most ?? 0), { limit: mark, spread })
  }</td><td class="number">${valueText(ratio)}</td>${
    hasSpread ? markup`<td class="number">${spreadText(ratio)}</td>` : undefined
  }<td class="number">${
    target === undefined ? '' : targetText(target, unit)
  }</td><td class="verdict">${met === undefined ? '' : met ? 'yes' : 'NO'}</td></tr>`;
};
