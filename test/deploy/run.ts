/**
 * Runs the suites `test/**\/*.deploy.ts` against moto, an emulated AWS, in a virtual environment of its own below
 * `.build`; starts and stops it. Arguments go to jest.
 */
import { join } from 'node:path';
import { runSuite } from '../support/run-suite.ts';
import { startMoto } from './moto.ts';
import { hasPython, installPythonTools } from './python.ts';

const ROOT = join(import.meta.dirname, '..', '..');

try {
  if (!hasPython()) throw new Error('Install Python 3.10 or later with its module venv.');
  const { python, cfnLint, hadolint } = await installPythonTools(join(ROOT, '.build', 'deploy', 'python'));
  const aws = await startMoto(python);
  try {
    process.exitCode = await runSuite('deploy', {
      env: {
        DEPLOY_TEST_ENDPOINT: aws.endpoint,
        DEPLOY_TEST_PYTHON: python,
        DEPLOY_TEST_CFN_LINT: cfnLint,
        DEPLOY_TEST_HADOLINT: hadolint,
      },
      // One after another: they share an emulated AWS, and each deployment keeps a CPU busy.
      args: ['--runInBand'],
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
