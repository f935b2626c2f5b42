/**
 * Runs the suites `test/network/*.network.ts`, which watch what whole commands say to the network. They need strace,
 * and so Linux. Arguments go to jest.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

if (spawnSync('strace', ['--version']).status === 0) {
  const jest = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
      ...['--testMatch', '<rootDir>/test/network/*.network.ts', '--testTimeout', '300000'],
      ...process.argv.slice(2),
    ],
    { cwd: ROOT, stdio: 'inherit' },
  );
  const [status] = (await once(jest, 'exit')) as [number | null];
  process.exitCode = status ?? 1;
} else {
  process.stderr.write(
    '\nThe suites of the network were NOT RUN: they need strace (Debian: apt-get install strace).\n\n',
  );
  process.exitCode = 1;
}
