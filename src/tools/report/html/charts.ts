import type { BarChart, Chart, LineChart } from '../section.ts';
import { numberText } from '../words.ts';
import { bar } from './bar.ts';
import { type Markup, markup } from './markup.ts';
import { tableMarkup } from './tables.ts';

/** A chart, with its figures below it. */
export const chartMarkup = (chart: Chart): Markup =>
  chart.kind === 'bars' ? barsMarkup(chart) : linesMarkup(chart);

/** Decimals of a chart's figures: three digits that say something. */
const digitsFor = (most: number): number =>
  most === 0 || most >= 100 ? 0 : most >= 10 ? 1 : most >= 1 ? 2 : 4;

const barsMarkup = ({ title, unit = '', bars }: BarChart): Markup => {
  const figures = bars.flatMap(({ value, mark }) => (mark === undefined ? [value] : [value, mark]));
  const most = Math.max(0, ...figures);
  const digits = figures.every(Number.isInteger) ? 0 : digitsFor(most);
  const hasMarks = bars.some(({ mark }) => mark !== undefined);
  return markup`<figure><figcaption>${title}</figcaption><div class="wide" tabindex="0" role="group" aria-label="${title}"><table><thead><tr><th scope="col">${
    unit === '' ? 'name' : `name, ${unit}`
  }</th><td></td><th scope="col" class="number">value</th>${
    hasMarks ? markup`<th scope="col" class="number">mark</th>` : undefined
  }</tr></thead><tbody>${bars.map(
    ({ name, value, mark }) =>
      markup`<tr><th scope="row">${name}</th><td class="bar">${bar(value, most, { limit: mark })}</td><td class="number">${numberText(value, digits)}</td>${
        mark === undefined ? undefined : markup`<td class="number">${numberText(mark, digits)}</td>`
      }</tr>`,
  )}</tbody></table></div></figure>`;
};

/** The next larger round number, to end an axis with. */
const roundUp = (value: number): number => {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value) ?? 10) * power;
};

const linesMarkup = ({ title, x, y, yFrom = 0, series }: LineChart): Markup => {
  const points = series.flatMap((one) => one.points);
  const lastX = Math.max(0, ...points.map(([at]) => at));
  const most = Math.max(0, ...points.map(([, value]) => value));
  const [bottom, top] = yFrom === 0 ? [0, roundUp(most)] : [yFrom, Math.max(most, yFrom + Number.EPSILON)];
  const path = (line: LineChart['series'][number]): string =>
    line.points
      .map(([at, value], index) => {
        const [left, down] = [
          lastX > 0 ? (at / lastX) * 100 : 0,
          100 - ((value - bottom) / (top - bottom)) * 100,
        ];
        return `${index === 0 ? 'M' : 'L'}${left.toFixed(2)} ${down.toFixed(2)}`;
      })
      .join('');
  const axis = (value: number): string => numberText(value, digitsFor(top));
  return markup`<figure><figcaption>${title}</figcaption><div class="plot"><div class="y"><span>${axis(top)}</span><span>${axis((top + bottom) / 2)}</span><span>${bottom === 0 ? '0' : axis(bottom)}</span></div><svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="${`${title}: ${y} by ${x}`}">${series.map(
    (line, index) => markup`<path class="s${index % 4}" d="${path(line)}"/>`,
  )}</svg><div class="x"><span>0</span><span>${x}</span><span>${numberText(lastX, digitsFor(lastX))}</span></div></div><ul class="legend">${series.map(
    ({ name }, index) =>
      markup`<li><svg viewBox="0 0 28 8" aria-hidden="true"><path class="s${index % 4}" d="M0 4H28"/></svg>${name}</li>`,
  )}</ul><details><summary>${y}, in figures</summary>${figuresOf({ x, series })}</details></figure>`;
};

const figuresOf = ({ x, series }: Pick<LineChart, 'x' | 'series'>): Markup => {
  const rows = new Map<number, Record<string, number>>();
  for (const [index, { points }] of series.entries())
    for (const [at, value] of points) rows.set(at, { ...rows.get(at), at, [`s${index}`]: value });
  const columns = [
    { key: 'at', head: x, digits: 2 },
    ...series.map(({ name, points }, index) => ({
      key: `s${index}`,
      head: name,
      digits: digitsFor(Math.max(0, ...points.map(([, value]) => value))),
    })),
  ];
  return tableMarkup(
    columns,
    [...rows.values()].toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0)),
    `${x}, figures`,
  );
};
