import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
const BIN = process.platform === 'win32' ? 'Scripts' : 'bin';

export interface PythonTools {
  readonly python: string;
  readonly cfnLint: string;
  readonly hadolint: string;
}

/** Whether this machine can make a virtual environment: Python 3.10 or later with `venv`. */
export const hasPython = (): boolean =>
  spawnSync('python3', ['-c', 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))']).status ===
  0;

/**
 * Makes a virtual environment in `folder` with what `requirements.txt` asks for, unless it is there.
 *
 * @throws Error with what Python or pip said
 */
export const installPythonTools = async (folder: string): Promise<PythonTools> => {
  const tools = {
    python: join(folder, BIN, 'python'),
    cfnLint: join(folder, BIN, 'cfn-lint'),
    hadolint: join(folder, BIN, 'hadolint'),
  };
  const installed = join(folder, 'installed.txt');
  const asked = await readFile(REQUIREMENTS, 'utf8');
  if ((await readFile(installed, 'utf8').catch(() => '')) === asked) return tools;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  succeed('python3', ['-m', 'venv', folder]);
  succeed(tools.python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--requirement', REQUIREMENTS]);
  // Last, so that what was interrupted is made anew.
  await copyFile(REQUIREMENTS, installed);
  return tools;
};

const succeed = (command: string, args: readonly string[]): void => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
};
