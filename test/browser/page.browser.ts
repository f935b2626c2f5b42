import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { hash } from 'node:crypto';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { must } from '../../src/errors.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { toyReader } from '../support/toy-reader.ts';

const AXE = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');
const KEY = 'Zm9vYmFy.a-key';

let browser: Browser;
let server: ServeProcess;
let withKey: ServeProcess;
let reading: ServeProcess;
const reader = toyReader();
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: must(process.env.CHROMIUM, 'CHROMIUM'),
    // Chromium's own sandbox does not work for root, nor in most containers; the pages are ours.
    args: ['--no-sandbox'],
  });
  [server, withKey, reading] = await Promise.all([
    serveProcess(),
    serveProcess({ HTTP_KEY_SHA256: hash('sha256', KEY, 'hex') }),
    serveProcess({ MODELS_DIR: reader.directory, MODEL: 'bert' }),
  ]);
});
afterAll(async () => {
  await browser.close();
  for (const { process } of [server, withKey, reading]) process.kill();
  reader.release();
});

/** The page, what it has asked the network for, and what it has complained about. */
const open = async ({ url }: ServeProcess, options: BrowserContextOptions = {}) => {
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

const status = (page: Page) => page.getByRole('status');

/** What axe finds wrong for people who use a keyboard, a screen reader or strong contrast. */
const violations = async (page: Page) => {
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

describe('the page', () => {
  it('classifies a text by keyboard alone, with the answer of the API', async () => {
    const { page, requests, complaints } = await open(server);
    await page.getByLabel('Model').locator('option').first().waitFor({ state: 'attached' });
    await page.getByLabel('Answers to show').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.type('I lost my card');
    await page.keyboard.press('Control+Enter');
    await status(page)
      .getByText(/^lost_or_stolen_card\. 5 labels in \d+ ms, banking77-tfidf@1\.$/)
      .waitFor();
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ inputs: 'I lost my card', parameters: { top_k: 5 } }),
    });
    const [labels = []] = (await response.json()) as { label: string; score: number }[][];
    const shown = await page.getByRole('listitem').allTextContents();
    expect(shown).toEqual(labels.map(({ label, score }) => `${label}${(100 * score).toFixed(2)} %`));
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(server.url) && !url.startsWith('data:'))).toEqual([]);
  });

  it('asks the model that is chosen, for as many labels as are wanted', async () => {
    const { page } = await open(server);
    await page.getByLabel('Model').selectOption('banking77-minilm@1');
    await page.getByLabel('Answers to show').fill('2');
    await page.getByLabel('Text', { exact: true }).fill('Where is my new card?');
    await page.getByRole('button', { name: 'Ask' }).click();
    await status(page)
      .getByText(/2 labels in \d+ ms, banking77-minilm@1\.$/)
      .waitFor();
    expect(await page.getByRole('listitem').count()).toBe(2);
  });

  it('marks the answer to a question in its context', async () => {
    const { page, complaints } = await open(reading);
    await page.getByLabel('Question').fill('Which card?');
    await page.getByLabel('Context').fill('💳💳 It is the <b>card</b>.');
    await page.getByLabel('Answers to show').fill('1');
    await page.getByRole('button', { name: 'Ask' }).click();
    await status(page)
      .getByText(/^the\. 1 answer in \d+ ms, bert@1\.$/)
      .waitFor();
    expect(await page.locator('mark').allTextContents()).toEqual(['the']);
    expect(await page.locator('#context').textContent()).toBe('💳💳 It is the <b>card</b>.');
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('shows a text with markup as it is, and a command line for it that a shell takes', async () => {
    const { page, complaints } = await open(server);
    const text = `<img src=x onerror="document.title='stolen'"> it's "$HOME"`;
    await page.getByLabel('Model').locator('option').first().waitFor({ state: 'attached' });
    await page.getByLabel('Text', { exact: true }).fill(text);
    await page.getByRole('button', { name: 'Ask' }).click();
    await status(page)
      .getByText(/5 labels/)
      .waitFor();
    const command = must(await page.locator('#curl').textContent(), 'the command');
    expect(command).toContain(`it'\\''s`);
    expect(command.replaceAll(`'\\''`, `'`)).toContain(JSON.stringify(text));
    expect(await page.title()).toBe('labelstream');
    expect(complaints).toEqual([]);
  });

  it('asks for a key where the API needs one, and does not put it into the command', async () => {
    const { page } = await open(withKey);
    await page.getByLabel('Key of this API').waitFor();
    await status(page).getByText(/key/i).waitFor();
    await page.getByLabel('Key of this API').fill(KEY);
    await page.keyboard.press('Tab');
    await status(page).getByText('The key is accepted.').waitFor();
    await page.getByLabel('Text', { exact: true }).fill('I lost my card');
    await page.getByRole('button', { name: 'Ask' }).click();
    await status(page)
      .getByText(/^lost_or_stolen_card/)
      .waitFor();
    expect(await page.content()).not.toContain(KEY);
    expect(await page.locator('#curl').textContent()).toContain('Bearer $KEY');
  });

  it('says so where the API does not answer', async () => {
    const { page } = await open(server);
    await page.getByLabel('Model').locator('option').first().waitFor({ state: 'attached' });
    await page.context().setOffline(true);
    await page.getByLabel('Text', { exact: true }).fill('I lost my card');
    await page.getByRole('button', { name: 'Ask' }).click();
    await status(page).getByText('The API does not answer.').waitFor();
  });

  it.each<[string, BrowserContextOptions]>([
    ['in light', { colorScheme: 'light' }],
    ['in dark', { colorScheme: 'dark' }],
    ['on a telephone', { viewport: { width: 360, height: 640 } }],
  ])('has nothing that axe finds wrong, %s', async (_, options) => {
    const { page } = await open(server, options);
    await page.getByLabel('Model').locator('option').first().waitFor({ state: 'attached' });
    await page.getByLabel('Text', { exact: true }).fill('I lost my card');
    await page.getByRole('button', { name: 'Ask' }).click();
    await status(page)
      .getByText(/5 labels/)
      .waitFor();
    expect(await violations(page)).toEqual([]);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
  });

  it('does not run a script that is not its own', async () => {
    const { page, complaints } = await open(server);
    await page.evaluate(`{
      const script = document.createElement('script');
      script.textContent = "document.title = 'stolen'";
      document.body.append(script);
    }`);
    expect(await page.title()).toBe('labelstream');
    expect(complaints).toContainEqual(expect.stringContaining('Content Security Policy'));
  });
});
