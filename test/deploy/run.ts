/**
 * Runs the suites `test/**\/*.deploy.ts` against moto, an emulated AWS, in a virtual environment of its own below
 * `.build`; starts and stops it. Arguments go to jest.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startMoto } from './moto.ts';
import { hasPython, installPythonTools } from './python.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** @returns jest's exit status; 1 where a signal ended it */
const runJest = async (env: Readonly<Record<string, string>>): Promise<number> => {
  const jest = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
      // One after another: they share an emulated AWS, and each deployment keeps a CPU busy.
      ...['--testMatch', '<rootDir>/test/**/*.deploy.ts', '--runInBand', '--testTimeout', '300000'],
      ...process.argv.slice(2),
    ],
    { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } },
  );
  // The server is stopped after jest, whoever ends it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => jest.kill(signal));
  const [status] = (await once(jest, 'exit')) as [number | null];
  return status ?? 1;
};

try {
  if (!hasPython()) throw new Error('Install Python 3.10 or later with its module venv.');
  const { python, cfnLint } = await installPythonTools(join(ROOT, '.build', 'deploy', 'python'));
  const aws = await startMoto(python);
  try {
    process.exitCode = await runJest({
      DEPLOY_TEST_ENDPOINT: aws.endpoint,
      DEPLOY_TEST_PYTHON: python,
      DEPLOY_TEST_CFN_LINT: cfnLint,
    });
  } finally {
    await aws.stop();
  }
} catch (error) {
  process.stderr.write(
    `\nThe suites of the deployment were NOT RUN. ${error instanceof Error ? error.message : String(error)}\n\n`,
  );
  process.exitCode = 1;
}
