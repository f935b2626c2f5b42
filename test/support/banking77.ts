import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { banking77File } from '../../src/tools/bench/texts.ts';

/** The test messages, where they are found. */
export const BANKING77_TEST = banking77File(join(import.meta.dirname, '..', '..'), 'test.csv');

/** `describe` where the data are found; otherwise a skipped suite that reports what is missing. */
export const describeWithBanking77 = (name: string, suite: () => void): void => {
  if (existsSync(BANKING77_TEST)) {
    describe(name, suite);
    return;
  }
  console.warn(
    `SKIPPED: ${name}: Banking77's test messages not found: ${BANKING77_TEST}; set BANKING77 to their folder`,
  );
  describe.skip(`${name} (Banking77 is missing)`, suite);
};
