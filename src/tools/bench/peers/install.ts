import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const PEERS = join('test', 'peers');

/** Runs a command; the end of its output is the reason of a failure. */
const command = async (file: string, parameters: readonly string[], cwd: string): Promise<void> => {
  try {
    await run(file, parameters, { cwd, maxBuffer: 2 ** 26 });
  } catch (cause) {
    const { stderr = '', message } = cause as Error & { stderr?: string };
    const reason = stderr.trim().split('\n').slice(-3).join(' ') || message;
    throw new Error(`${file} ${parameters.join(' ')}: ${reason}`, { cause });
  }
};

/** Installs once for each content of a lockfile: a stamp records what is installed. */
const once = async (stamp: string, lockfile: string, install: () => Promise<void>): Promise<void> => {
  const digest = hash('sha256', await readFile(lockfile), 'hex');
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === digest) return;
  console.error(`Installing what ${lockfile} names, once.`);
  await install();
  await writeFile(stamp, digest);
};

/**
 * Installs the peers that run in Node.js, `test/peers`, unless they are installed.
 *
 * @returns the package's folder
 * @throws Error with the reason why they cannot be installed
 */
export const installNodePeers = async (root: string): Promise<string> => {
  const folder = join(root, PEERS);
  const stamp = join(folder, 'node_modules', '.installed');
  await once(stamp, join(folder, 'package-lock.json'), () => command('npm', ['ci'], folder));
  return folder;
};

/**
 * `python`: ONNX Runtime, Rust tokenizers and scikit-learn. `http`: the same behind FastAPI. `clients`: of the HTTP API.
 * `export`: scikit-learn and skl2onnx. `torch`: PyTorch, which takes 5 GB. `transformers`: PyTorch and Optimum, which
 * goes with an older transformers. `questions`: PyTorch and the last transformers that has a pipeline for question
 * answering. `engines`: OpenVINO with NNCF, and CTranslate2.
 */
export type PythonPeers = keyof typeof REQUIREMENTS;

const REQUIREMENTS = {
  python: 'requirements.txt',
  http: 'requirements-http.txt',
  clients: 'requirements-clients.txt',
  export: 'requirements-export.txt',
  torch: 'requirements-torch.txt',
  transformers: 'requirements-transformers.txt',
  questions: 'requirements-questions.txt',
  engines: 'requirements-engines.txt',
} as const;

/**
 * Makes a virtual environment in `.build/peers` with pinned packages, unless it exists.
 *
 * @returns its Python
 * @throws Error with the reason why it cannot be made
 */
export const installPythonPeers = async (root: string, peers: PythonPeers): Promise<string> => {
  const folder = join(root, '.build', 'peers', peers);
  const requirements = join(root, PEERS, 'python', REQUIREMENTS[peers]);
  const python = join(folder, 'bin', 'python');
  await once(join(folder, '.installed'), requirements, async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await command('python3', ['-m', 'venv', folder], root);
    const pip = ['-m', 'pip', 'install', '--quiet', '--only-binary', ':all:', '-r', requirements];
    await command(python, pip, root);
  });
  return python;
};
