/** Reports of commands as pages. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContextOptions } from 'playwright-core';
import type { IngestReport } from '../../src/tools/ingest/report.ts';
import { openPage, overflow, useBrowser, violations } from '../support/looking.ts';
import { command, execProgram } from '../support/run-program.ts';

const TEXTS = join(import.meta.dirname, '..', '..', 'examples', 'scikit-learn', 'messages.csv');

const { browser, inFolder } = useBrowser();

describe.each([
  ['start', ['--records', '2000', '--quiet']],
  ['bench', ['--quick', '--no-peers', '--only', 'lambda', '--model', 'banking77-tfidf']],
  [
    'compare',
    ['banking77-tfidf', 'banking77-cascade', '--input', TEXTS, '--label-column', 'intent', '--quiet'],
  ],
  ['plan', ['--records-per-second', '50', '--requests', '1000000']],
] as const)('npm run %s -- --html', (name, args) => {
  const file = () => inFolder(`${name}.html`);
  const open = (options?: BrowserContextOptions) => openPage(browser(), pathToFileURL(file()).href, options);
  beforeAll(async () => {
    await execProgram(command(name, [...args, '--html', file()]));
  }, 60_000);

  it('is one small file, which asks for nothing and complains of nothing', async () => {
    const { page, requests, complaints } = await open();
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !/^(file|data):/.test(url))).toEqual([]);
    expect(await page.locator('h2').count()).toBeGreaterThan(0);
    expect(Buffer.byteLength(readFileSync(file()))).toBeLessThan(500_000);
  });

  it.each<[string, BrowserContextOptions]>([
    ['in light', { colorScheme: 'light' }],
    ['in dark', { colorScheme: 'dark' }],
    ['on a telephone', { viewport: { width: 390, height: 800 } }],
  ])('has nothing that axe finds wrong, and no overflow, %s', async (_, options) => {
    const { page } = await open(options);
    expect(await violations(page)).toEqual([]);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
  });
});

describe('the page of an ingest', () => {
  it('has the figures of the JSON', async () => {
    const [report, html] = [inFolder('both.json'), inFolder('both.html')];
    await execProgram(command('start', ['--records', '1500', '--quiet', '--report', report, '--html', html]));
    const { labels, stepMs, timeline } = JSON.parse(readFileSync(report, 'utf8')) as IngestReport;
    const { page } = await openPage(browser(), pathToFileURL(html).href);
    const rowOf = (figure: string, row: string) =>
      page.locator('figure', { hasText: figure }).locator('tr', { hasText: row }).locator('td.number').last();
    for (const { label, items } of labels)
      expect(await rowOf('The most frequent labels', label).textContent()).toBe(
        items.toLocaleString('en-US'),
      );
    expect(await rowOf('Time of the function by step', 'store').textContent()).toBe(
      stepMs.store.toLocaleString('en-US'),
    );
    const figures = page.locator('figure', { hasText: 'Records in the stream, and labelled' });
    await figures.locator('summary').click();
    expect(await figures.locator('tbody tr').count()).toBe(
      new Set(timeline.map(({ seconds }) => seconds)).size,
    );
  }, 60_000);
});
