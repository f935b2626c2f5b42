import type { Section } from '../../src/tools/report/section.ts';

const wave = (period: number, height: number, from = 0): readonly (readonly [number, number])[] =>
  Array.from({ length: 50 }, (_, at) => [at / 5, from + height * (1 + Math.sin(at / period))] as const);

/** A section with all that a page can show. @param word that is everywhere where words are */
export const everyKindOfSection = (word: string): Section => ({
  id: 'every',
  title: word,
  ratios: [
    { name: word, value: 0.5, target: { atLeast: 1 }, spread: { least: 0.4, most: 0.7 } },
    { name: word, value: 300, unit: word, target: { atMost: 450 } },
    { name: word, value: 2 },
  ],
  columns: [
    { key: 'name', head: word },
    { key: 'value', head: word, digits: 1 },
  ],
  rows: [
    { name: word, value: 12_345.67 },
    { name: word, value: null },
  ],
  charts: [
    {
      kind: 'bars',
      title: word,
      unit: word,
      bars: [
        { name: word, value: 7, mark: 9 },
        { name: word, value: 3.5, mark: 1 },
      ],
    },
    {
      kind: 'lines',
      title: word,
      x: word,
      y: word,
      series: [7, 5, 4, 3].map((period) => ({ name: word, points: wave(period, 10 * period) })),
    },
    {
      kind: 'lines',
      title: word,
      x: word,
      y: word,
      yFrom: 50,
      series: [{ name: word, points: wave(6, 10, 50) }],
    },
  ],
  notes: [word],
});
