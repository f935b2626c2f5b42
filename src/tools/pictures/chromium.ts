import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

/** The program of Chromium: that which CHROMIUM names, or Debian's; undefined where there is none. */
export const findChromium = (): string | undefined =>
  [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
    (program) => program !== undefined && spawnSync(program, ['--version']).status === 0,
  );

/** Chromium's own sandbox does not work for root, nor in most containers; the pages are ours. */
export const launchChromium = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: ['--no-sandbox'] });
