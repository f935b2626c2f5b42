/**
 * What a page of a report looks like, beside pictures of it. `UPDATE_SCREENSHOTS=1 npm run test:browser -- screenshots`
 * takes them anew.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import type { BrowserContextOptions } from 'playwright-core';
import { reportPage } from '../../src/tools/report/html/page.ts';
import { everyKindOfSection } from '../support/every-kind-of-section.ts';
import { openPage, useBrowser } from '../support/looking.ts';

const SCREENSHOTS = join(import.meta.dirname, 'screenshots');

/** Of the pixels; versions of Chromium draw the edges of letters and lines a little differently. */
const TOLERANCE = 0.005;

const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light', viewport: { width: 900, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 900, height: 800 } },
  telephone: { colorScheme: 'light', viewport: { width: 390, height: 800 } },
};

const { browser, inFolder } = useBrowser();

/** A picture of a whole page, as a PNG, in a font that comes with Debian's Chromium. */
const shot = async (html: string, options: BrowserContextOptions = {}): Promise<Buffer> => {
  const file = inFolder('page.html');
  writeFileSync(file, html);
  // Its policy would not let the font be changed.
  const { page } = await openPage(browser(), pathToFileURL(file).href, { ...options, bypassCSP: true });
  await page.addStyleTag({ content: '* { font-family: "DejaVu Sans" !important }' });
  const picture = await page.screenshot({ fullPage: true });
  await page.context().close();
  return picture;
};

/** The share of the pixels that differ; all of them where the sizes do. */
const differenceOf = (a: Buffer, b: Buffer): number => {
  const [one, other] = [PNG.sync.read(a), PNG.sync.read(b)];
  return one.width !== other.width || one.height !== other.height
    ? 1
    : pixelmatch(one.data, other.data, undefined, one.width, one.height) / (one.width * one.height);
};

const pageOf = (word: string): string =>
  reportPage({
    title: 'A report',
    sections: [everyKindOfSection(word)],
    at: new Date('2026-11-28T12:00:00Z'),
  });

const fileOf = (name: string): string => join(SCREENSHOTS, `${name}.png`);
const kept = (name: string): Buffer => readFileSync(fileOf(name));

describe('the page of a report', () => {
  it.each(Object.entries(LOOKS))('looks as it did: %s', async (name, options) => {
    const now = await shot(pageOf('words of some length'), options);
    if (process.env.UPDATE_SCREENSHOTS !== undefined) writeFileSync(fileOf(name), now);
    expect(existsSync(fileOf(name))).toBe(true);
    const difference = differenceOf(now, kept(name));
    if (difference > TOLERANCE) writeFileSync(join(tmpdir(), `labelstream-${name}.png`), now);
    expect(difference).toBeLessThanOrEqual(TOLERANCE);
  });

  it('does not look as it did where colours, lines or the layout have changed', async () => {
    const html = pageOf('words of some length');
    const others = [
      html.replaceAll('--s0: light-dark(#0b57b0', '--s0: light-dark(#ff0000'),
      html.replaceAll('.plot path { fill: none', '.plot path { fill: currentColor'),
      html.replace('max-width: 62rem', 'max-width: 30rem'),
    ];
    for (const other of others) {
      expect(other).not.toBe(html);
      expect(differenceOf(await shot(other, LOOKS.light), kept('light'))).toBeGreaterThan(TOLERANCE);
    }
  });
});
