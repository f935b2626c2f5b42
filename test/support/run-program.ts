import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** A program of Node.js: its file, its arguments, its working folder, and all of its environment. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface ProgramRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const ROOT = join(__dirname, '..', '..');

/** A command of `package.json`, such as `start`: of this project or of a copy of it, where it works unless told otherwise. */
export const command = (
  name: string,
  args: readonly string[],
  { root = ROOT, cwd = root, env = process.env }: Partial<Program> & { readonly root?: string } = {},
): Program => ({ file: join(root, 'src', 'tools', 'commands', `${name}.ts`), args, cwd, env });

/** Runs a program in a process of its own. */
export const spawnProgram = async ({ file, args, cwd, env }: Program): Promise<ProgramRun> => {
  const child = spawn(process.execPath, [file, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [[status], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { status, stdout, stderr };
};

/** The process in which a worker of jest runs programs, for all its files, and the end of the last one. */
interface Runner {
  readonly child: ChildProcess;
  idle: Promise<unknown>;
}

declare global {
  /** By `node-environment.cjs`; unlike other globals it is the same in all files of a worker. */
  var sharedByFiles: { runner?: Runner };
}

const startRunner = (): Runner => {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = fork(join(__dirname, 'program-runner.cjs'), {
    env: { PATH, NODE_COMPILE_CACHE },
    // Its heap grows by what the libraries leave behind, which would be collected again and again.
    execArgv: ['--max-semi-space-size=64'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  child.once('exit', () => delete sharedByFiles.runner);
  return { child, idle: Promise.resolve() };
};

/** Jest can end while a process waits, which ends with it, but not while it works. */
const keepJest = ({ child }: Runner, isWorking: boolean): void => {
  for (const one of [child, child.channel])
    if (isWorking) one?.ref();
    else one?.unref();
};

/**
 * Runs a program in a process that has run others: what it says and does is the same, in a tenth of the time where most
 * of it is loading modules. Archives of `serverless package` are not compressed.
 */
export const runProgram = async (program: Program): Promise<ProgramRun> => {
  const runner = (sharedByFiles.runner ??= startRunner());
  const run = runner.idle.then(async () => {
    const over = new AbortController();
    keepJest(runner, true);
    try {
      runner.child.send(program);
      const [answer] = await Promise.race([
        once(runner.child, 'message', over),
        once(runner.child, 'exit', over).then(([status]) => {
          throw new Error(
            `${program.file} ${program.args.join(' ')} ended its process with status ${status}`,
          );
        }),
      ]);
      return answer as ProgramRun;
    } finally {
      over.abort();
      keepJest(runner, false);
    }
  });
  runner.idle = run.catch(() => undefined);
  return run;
};

/** Like `runProgram`; rejects where the exit status is not 0, with that as `code` and with what the program wrote. */
export const execProgram = async (program: Program): Promise<ProgramRun> => {
  const run = await runProgram(program);
  if (run.status === 0) return run;
  throw Object.assign(new Error(run.stderr), { ...run, code: run.status });
};
