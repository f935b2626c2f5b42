/** What the page of an ingest shows of its labels, whatever they are. */
import { labelCharts } from '../../../src/tools/ingest/ingest-charts.ts';
import { labelTally } from '../../../src/tools/ingest/verify/label-tally.ts';
import { reportPage } from '../../../src/tools/report/html/page.ts';

interface Given {
  readonly label: string;
  readonly score?: string;
  readonly expected?: string;
}

const chartsOf = (
  given: readonly Given[],
  reference?: Parameters<ReturnType<typeof labelTally>['add']>[2],
) => {
  const tally = labelTally();
  for (const { label, score, expected } of given)
    tally.add({ label, score, model: 'm@1', by: undefined }, expected, reference);
  const [models, labels, quality, drift] = [tally.models(), tally.top(10), tally.quality(), tally.drift()];
  return labelCharts({ models, labels, quality, drift });
};

const pageOf = (charts: ReturnType<typeof chartsOf>): string =>
  reportPage({
    title: 'an ingest',
    sections: [{ ...{ id: 'a', title: 'a', ratios: [], columns: [], rows: [], notes: [] }, charts }],
    at: new Date(0),
  });

const titlesOf = (charts: ReturnType<typeof chartsOf>): readonly string[] => charts.map(({ title }) => title);

describe('the page of an ingest', () => {
  it.each([
    ['HTML', '<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
    ['emoji', '💳👩‍👩‍👧', '💳👩‍👩‍👧'],
    ['300 characters', 'x'.repeat(300), 'x'.repeat(300)],
    ['half a character', 'a\ud800', 'a\ufffd'],
  ])('shows labels of %s', (_, label, shown) => {
    const html = pageOf(chartsOf([{ label, score: '0.9', expected: 'other' }]));
    expect(html).toContain(`>${shown}<`);
    expect(html).toContain(`other taken for ${shown}`);
    expect(html.match(/<img|onerror=alert\(1\)>/g)).toBeNull();
  });

  it('stays below 500 KB with 10,000 distinct labels, of which it shows the worst', () => {
    const given = Array.from({ length: 10_000 }, (_, index) => ({
      ...{ label: `label ${index}`, score: '0.5', expected: index === 77 ? 'other' : `label ${index}` },
    }));
    const reference = { texts: 10_000, labels: { 'label 1': 10_000 } };
    const charts = chartsOf(given, reference);
    const html = pageOf(charts);
    expect(Buffer.byteLength(html)).toBeLessThan(500_000);
    expect(titlesOf(charts)).toContain('Accuracy by the expected label, the 100 worst of 10,000');
    expect(html).toContain('other, of 1');
  });

  it.each([undefined, 'NaN', '-3.2', '17.25'])(
    'shows the labels of a model whose score is %s, and nothing of scores',
    (score) => {
      const reference = { texts: 2, labels: { a: 1, b: 1 } };
      const charts = chartsOf(
        [{ label: 'a', expected: 'a', ...(score !== undefined && { score }) }],
        reference,
      );
      expect(titlesOf(charts)).toEqual([
        'The most frequent labels',
        expect.stringMatching(/^Labels of m@1 that differ the most from its reference/),
        'Accuracy by the expected label, the worst first',
      ]);
    },
  );

  it('shows accuracy against the share that keeps its label, and which models of a cascade answered', () => {
    const tally = labelTally();
    for (const [index, by] of ['quick@1', 'quick@1', 'slow@1'].entries())
      tally.add({ label: 'a', score: String(0.9 - index / 10), model: 'm@1', by }, index === 1 ? 'b' : 'a');
    const charts = labelCharts({
      ...{ models: tally.models(), labels: [], quality: tally.quality(), drift: tally.drift() },
    });
    expect(charts[0]).toMatchObject({
      title: 'Answered for m@1 by',
      bars: [
        { name: 'quick@1, 50.0 % right', value: 2 },
        { name: 'slow@1, 100.0 % right', value: 1 },
      ],
    });
    const last = charts.at(-1);
    expect(last?.title).toBe('Accuracy of the labels with the highest scores');
    const points = last?.kind === 'lines' ? last.series[0]?.points : [];
    expect(points).toContainEqual([33.33, 1]);
    expect(points).toContainEqual([100, 2 / 3]);
  });
});
