/**
 * Installs other implementations where they are missing and runs the suites `test/peers/*.peers.ts` against them.
 * Arguments go to jest.
 */
import { join } from 'node:path';
import { installNodePeers, installPythonPeers } from '../../src/tools/bench/peers/install.ts';
import { runSuite } from '../support/run-suite.ts';

const ROOT = join(import.meta.dirname, '..', '..');

try {
  await installNodePeers(ROOT);
  await installPythonPeers(ROOT, 'python');
  await installPythonPeers(ROOT, 'export');
  await installPythonPeers(ROOT, 'transformers');
  process.exitCode = await runSuite('peers', { args: ['--maxWorkers', '100%'] });
} catch (error) {
  process.stderr.write(
    `\nThe suites of peers were NOT RUN. ${error instanceof Error ? error.message : String(error)}\n\n`,
  );
  process.exitCode = 1;
}
