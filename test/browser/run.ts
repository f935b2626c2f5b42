/**
 * Runs the suites `test/browser/*.browser.ts`, which open the pages of the project in Chromium: `chromium` of Debian, or
 * the program that CHROMIUM names. Arguments go to jest.
 */
import { findChromium } from '../../src/tools/pictures/chromium.ts';
import { runSuite } from '../support/run-suite.ts';

const found = findChromium();

if (found !== undefined) process.exitCode = await runSuite('browser', { env: { CHROMIUM: found } });
else {
  process.stderr.write(
    '\nThe suites of the browser were NOT RUN: they need Chromium (Debian: apt-get install chromium), or its path in CHROMIUM.\n\n',
  );
  process.exitCode = 1;
}
