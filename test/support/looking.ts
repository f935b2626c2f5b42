import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { must } from '../../src/errors.ts';
import { launchChromium } from '../../src/tools/pictures/chromium.ts';

const AXE = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');

/** Chromium, as `test/browser/run.ts` has found it. */
export const startBrowser = (): Promise<Browser> => launchChromium(must(process.env.CHROMIUM, 'CHROMIUM'));

/** A browser, and a folder for files, for the tests of one file. */
export const useBrowser = () => {
  let folder: string;
  let browser: Browser;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'labelstream-pages-'));
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });
  return { browser: () => browser, inFolder: (name: string): string => join(folder, name) };
};

/** A page, what it has asked the network for, and what it has complained about. */
export const openPage = async (browser: Browser, url: string, options: BrowserContextOptions = {}) => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return { page, requests, complaints };
};

/** What axe finds wrong for people who use a keyboard, a screen reader or strong contrast. */
export const violations = async (page: Page) => {
  // In a world of its own, where the page's policy does not apply.
  const client = await page.context().newCDPSession(page);
  const { frameTree } = await client.send('Page.getFrameTree');
  const { executionContextId } = await client.send('Page.createIsolatedWorld', {
    frameId: frameTree.frame.id,
  });
  const run = await client.send('Runtime.evaluate', {
    expression: `${AXE}; axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
    contextId: executionContextId,
    awaitPromise: true,
    returnByValue: true,
  });
  return run.result.value as readonly string[];
};

/** How much wider a page is than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
