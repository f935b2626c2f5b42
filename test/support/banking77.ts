import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The data that the shipped models were trained on; they lie beside a checkout, if at all. */
export const BANKING77_TEST = join(
  import.meta.dirname,
  '..',
  '..',
  '..',
  'shared',
  'data',
  'banking77',
  'test.csv',
);

/** `describe` where the data are there; otherwise a skipped suite that says what is missing. */
export const describeWithBanking77 = (name: string, suite: () => void): void => {
  if (existsSync(BANKING77_TEST)) {
    describe(name, suite);
    return;
  }
  console.warn(`SKIPPED: ${name}: needs Banking77's test messages in ${BANKING77_TEST}`);
  describe.skip(`${name} (Banking77 is missing)`, suite);
};
