/**
 * Installs other implementations where they are missing and runs the suites `test/peers/*.peers.ts` against them.
 * Arguments go to jest.
 */
import { join } from 'node:path';
import { installNodePeers, installPythonPeers } from '../../src/tools/bench/peers/install.ts';
import { runSuite } from '../support/run-suite.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Of the suites that need PyTorch, which takes 5 GB: those to leave out, where it cannot be had. */
const withoutPyTorch = async (): Promise<readonly string[]> => {
  try {
    await installPythonPeers(ROOT, 'transformers');
    await installPythonPeers(ROOT, 'questions');
    return [];
  } catch (error) {
    console.error(
      `\nThe suites of exported transformers and of question answering are NOT RUN. ${messageOf(error)}\n`,
    );
    return ['--testPathIgnorePatterns', 'export-transformer|question-answering'];
  }
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

try {
  await installNodePeers(ROOT);
  await installPythonPeers(ROOT, 'python');
  await installPythonPeers(ROOT, 'export');
  await installPythonPeers(ROOT, 'clients');
  const args = ['--maxWorkers', '100%', ...(await withoutPyTorch())];
  process.exitCode = await runSuite('peers', { args });
} catch (error) {
  console.error(`\nThe suites of peers were NOT RUN. ${messageOf(error)}\n`);
  process.exitCode = 1;
}
