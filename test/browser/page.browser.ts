import { hash } from 'node:crypto';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { must } from '../../src/errors.ts';
import { openPage, overflow, startBrowser, violations } from '../support/looking.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { toyReader } from '../support/toy-reader.ts';

const KEY = 'Zm9vYmFy.a-key';

let browser: Browser;
let server: ServeProcess;
let withKey: ServeProcess;
let reading: ServeProcess;
const reader = toyReader();
beforeAll(async () => {
  browser = await startBrowser();
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

const open = ({ url }: ServeProcess, options?: BrowserContextOptions) => openPage(browser, url, options);

const status = (page: Page) => page.getByRole('status');

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
    expect(await overflow(page)).toBeLessThanOrEqual(0);
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
