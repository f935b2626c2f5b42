import { join } from 'node:path';
import { playProcesses, summaryText } from '../../../src/tools/chaos/objects/processes/play-processes.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** `npm run chaos -- --objects --processes 200` plays the same for long. */
it('the outputs of files are those of a quiet run, whenever the real program is killed', async () => {
  const summary = await playProcesses(ROOT, 2, Math.floor(Math.random() * 2 ** 31));
  expect(summary.histories).toBe(2);
  expect(summaryText(summary)).toMatch(
    /^the outputs were those of quiet runs in 2 histories of real processes/,
  );
}, 120_000);
