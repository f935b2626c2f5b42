/**
 * Runs the suites `test/network/*.network.ts`, which watch what whole commands say to the network. They need strace,
 * and so Linux. Arguments go to jest.
 */
import { spawnSync } from 'node:child_process';
import { runSuite } from '../support/run-suite.ts';

if (spawnSync('strace', ['--version']).status === 0) process.exitCode = await runSuite('network');
else {
  process.stderr.write(
    '\nThe suites of the network were NOT RUN: they need strace (Debian: apt-get install strace).\n\n',
  );
  process.exitCode = 1;
}
