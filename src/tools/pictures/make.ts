/** `npm run pictures`: makes the pictures of the docs from real runs. It needs Chromium (Debian: chromium), or CHROMIUM. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { banking77File } from '../bench/texts.ts';
import { ROOT } from '../commands/root.ts';
import { withScratch } from '../scratch-folder.ts';
import { findChromium, launchChromium } from './chromium.ts';

const run = promisify(execFile);

const FOLDER = join(ROOT, 'docs', 'pictures');
const MOST_BYTES = 150_000;

interface Picture {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Of the page, from its top, in CSS pixels. */
  readonly height: number;
}

const TEXTS = banking77File(ROOT, 'test.csv');

const PICTURES: readonly Picture[] = [
  { name: 'ingest', command: 'start', args: ['--quiet'], height: 1_150 },
  {
    name: 'compare',
    command: 'compare',
    args: [
      'banking77-tfidf',
      'banking77-minilm',
      '--input',
      relative(ROOT, TEXTS),
      '--label-column',
      'category',
      '--quiet',
    ],
    height: 1_150,
  },
  {
    name: 'bench',
    command: 'bench',
    args: ['lambda', '--model', 'banking77-tfidf', '--no-peers'],
    height: 1_000,
  },
];

const take = async (browser: Browser, { name, command, args, height }: Picture): Promise<void> =>
  withScratch(join(ROOT, '.build'), async (folder) => {
    const html = join(folder, `${name}.html`);
    await run(
      process.execPath,
      [join(ROOT, 'src', 'tools', 'commands', `${command}.ts`), ...args, '--html', html],
      // A picture shows the names of files as they are given.
      { cwd: ROOT, maxBuffer: 2 ** 26 },
    );
    const page = await browser.newPage({ viewport: { width: 900, height }, colorScheme: 'light' });
    await page.goto(pathToFileURL(html).href);
    const file = join(FOLDER, `${name}.png`);
    await page.screenshot({ path: file });
    await page.close();
    const { size } = await stat(file);
    console.log(`${file}: ${size} bytes`);
    if (size > MOST_BYTES) throw new Error(`${file} has ${size} bytes, more than ${MOST_BYTES}`);
  });

const executablePath = findChromium();
if (executablePath === undefined || !existsSync(TEXTS)) {
  console.error(
    executablePath === undefined
      ? 'The pictures need Chromium (Debian: apt-get install chromium), or its path in CHROMIUM.'
      : `The pictures need Banking77's test messages: ${TEXTS}; set BANKING77 to their folder.`,
  );
  process.exitCode = 1;
} else {
  await mkdir(FOLDER, { recursive: true });
  const browser = await launchChromium(executablePath);
  const wanted = process.argv.slice(2);
  try {
    for (const picture of PICTURES)
      if (wanted.length === 0 || wanted.includes(picture.name)) await take(browser, picture);
  } finally {
    await browser.close();
  }
}
