import fc from 'fast-check';
import { anyCharacter } from '../../../src/tools/chaos/hostile/any-character.ts';
import { reportPage } from '../../../src/tools/report/html/page.ts';
import type { Section } from '../../../src/tools/report/section.ts';
import { everyKindOfSection as sectionOf } from '../../support/every-kind-of-section.ts';

const AT = new Date('2026-11-28T12:00:00Z');

const pageOf = (...sections: readonly Section[]): string =>
  reportPage({ title: 'a report', sections, at: AT });
const tagsOf = (html: string): readonly string[] => html.match(/<\/?[a-z0-9]+/g) ?? [];

describe('a report as a page', () => {
  it('has the figures as a terminal shows them, with what missed its target', () => {
    const html = pageOf(sectionOf('word'));
    for (const text of ['12,345.7', '0.50', '≥ 1', '300 word', '≤ 450 word', '–', '2026-11-28 12:00 UTC'])
      expect(html).toContain(text);
    expect(html.match(/class="missed"/g)).toHaveLength(1);
    expect(html).toContain('0.40 to 0.70');
  });

  it('draws a line from its first point to its last', () => {
    const points = [
      [0, 0],
      [1.5, 20],
    ] as const;
    const line = { kind: 'lines', title: 'a', x: 'b', y: 'c', series: [{ name: 'd', points }] } as const;
    expect(pageOf({ ...sectionOf('word'), charts: [line] })).toContain('M0.00 100.00L100.00 0.00');
  });

  it('loads and runs nothing', () => {
    const html = pageOf(sectionOf('word'));
    expect(html).toContain(`content="default-src 'none'; style-src 'sha256-`);
    expect(html).not.toMatch(/<script|<link rel="stylesheet|style="|\son[a-z]+=|https?:/);
  });

  it('shows any text as text', () => {
    const expected = tagsOf(pageOf(sectionOf('word')));
    const text = fc.string({ unit: anyCharacter, minLength: 1, maxLength: 300 });
    const hostile = fc.constantFrom(
      '<img src=x onerror=alert(1)>',
      '"><script>',
      `' onload='x`,
      '&lt;',
      '</title>',
      '👩‍👩‍👧',
      '\ud800',
      '\0',
    );
    fc.assert(
      fc.property(fc.oneof(text, hostile), (word) => {
        const html = pageOf(sectionOf(word));
        expect(tagsOf(html)).toEqual(expected);
        expect(html.isWellFormed()).toBe(true);
      }),
    );
  });

  it('stays small with 10,000 labels, and has all of them', () => {
    const bars = Array.from({ length: 10_000 }, (_, index) => ({ name: `label ${index}`, value: index }));
    const html = pageOf({ ...sectionOf('word'), charts: [{ kind: 'bars', title: 'labels', bars }] });
    expect(html).toContain('label 9999<');
    expect(Buffer.byteLength(html)).toBeLessThan(3_000_000);
  });

  it('is a page also of nothing', () => {
    expect(pageOf()).toContain('<h1>a report</h1>');
    const lines = {
      kind: 'lines',
      title: 'none',
      x: 'x',
      y: 'y',
      series: [{ name: 'a', points: [] }],
    } as const;
    const html = pageOf({ ...sectionOf('word'), ratios: [], rows: [], charts: [lines], notes: [] });
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
  });
});
