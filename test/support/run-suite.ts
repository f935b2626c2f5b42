import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

export interface SuiteOptions {
  /** What its tests find in their environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Options of jest. */
  readonly args?: readonly string[];
}

/**
 * Runs the suite `test/**\/*.<name>.ts`, with the command's own arguments for jest. A signal ends jest first: what the
 * command has started is stopped after it.
 *
 * @returns jest's exit status; 1 where a signal ended it
 */
export const runSuite = async (name: string, { env = {}, args = [] }: SuiteOptions = {}): Promise<number> => {
  const jest = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
      ...['--config', join(ROOT, 'test', 'jest.suites.config.js')],
      ...args,
      ...process.argv.slice(2),
    ],
    { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env, TEST_SUITE: name } },
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => jest.kill(signal));
  const [status] = (await once(jest, 'exit')) as [number | null];
  return status ?? 1;
};
