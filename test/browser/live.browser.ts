/** `npm start -- --open`: the page of an ingest while it runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { openPage, overflow, useBrowser, violations } from '../support/looking.ts';
import { command } from '../support/run-program.ts';

const { browser, inFolder } = useBrowser();

/** Starts an ingest. @returns its live page's address, and its end */
const startLive = async (...args: readonly string[]) => {
  const { file, args: all, cwd, env } = command('start', [...args, '--open', '--quiet']);
  const child = spawn(process.execPath, [file, ...all], { cwd, env: { ...env, BROWSER: 'none' } });
  const ended = once(child, 'exit');
  for await (const line of createInterface(child.stderr)) {
    const [url] = /http:\/\/localhost:\d+\//.exec(line) ?? [];
    if (url !== undefined) {
      child.stderr.resume();
      return { url, ended };
    }
  }
  throw new Error('no address');
};

it('shows how far the ingest is, and ends as the file', async () => {
  const html = inFolder('live.html');
  const { url, ended } = await startLive('--records', '12000', '--html', html);
  const { page, requests, complaints } = await openPage(browser(), url);
  await page.getByRole('heading', { name: 'An ingest of 12,000 records, under way' }).waitFor();
  const records = page.getByRole('row', { name: /labelled or put aside/ });
  const first = await records.textContent();
  while ((await records.textContent()) === first) await page.waitForTimeout(100);
  expect(await violations(page)).toEqual([]);
  expect(await overflow(page)).toBeLessThanOrEqual(0);

  await page.getByRole('heading', { name: 'An ingest of 12,000 records', exact: true }).waitFor();
  expect(await ended).toEqual([0, null]);
  const file = await openPage(browser(), `file://${html}`);
  expect(await page.locator('main').innerHTML()).toBe(await file.page.locator('main').innerHTML());
  expect(readFileSync(html, 'utf8')).not.toContain('<script');
  expect(complaints).toEqual([]);
  expect(requests.filter((one) => !one.startsWith(url) && !one.startsWith('data:'))).toEqual([]);
}, 60_000);

it('lets a reader who is on something read on, and takes up again after that', async () => {
  const { url, ended } = await startLive('--records', '8000', '--html', inFolder('read.html'));
  const { page } = await openPage(browser(), url);
  const summary = page.locator('summary').first();
  await summary.waitFor();
  await summary.focus();
  await page.keyboard.press('Enter');
  const figures = page.locator('details[open]').first();
  const held = await figures.textContent();
  await page.waitForTimeout(2_500);
  expect(await figures.textContent()).toBe(held);
  await summary.blur();
  await page.getByRole('heading', { name: 'An ingest of 8,000 records', exact: true }).waitFor();
  expect(await page.locator('details[open]').count()).toBe(1);
  expect(await ended).toEqual([0, null]);
}, 60_000);
