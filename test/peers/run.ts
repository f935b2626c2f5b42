/**
 * Installs other implementations where they are missing and runs the suites `test/peers/*.peers.ts` against them.
 * Arguments go to jest.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { installNodePeers, installPythonPeers } from '../../src/tools/bench/peers/install.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** @returns jest's exit status; 1 where a signal ended it */
const runJest = async (): Promise<number> => {
  const jest = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
      ...['--testMatch', '<rootDir>/test/peers/*.peers.ts', '--testTimeout', '300000'],
      ...process.argv.slice(2),
    ],
    { cwd: ROOT, stdio: 'inherit' },
  );
  const [status] = (await once(jest, 'exit')) as [number | null];
  return status ?? 1;
};

try {
  await installNodePeers(ROOT);
  await installPythonPeers(ROOT, 'python');
  await installPythonPeers(ROOT, 'export');
  await installPythonPeers(ROOT, 'transformers');
  process.exitCode = await runJest();
} catch (error) {
  process.stderr.write(
    `\nThe suites of peers were NOT RUN. ${error instanceof Error ? error.message : String(error)}\n\n`,
  );
  process.exitCode = 1;
}
