import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { ConfigError, ModelError } from '../../../src/errors.ts';
import { run, withStatus } from '../../../src/tools/commands/run.ts';
import { InputError } from '../../../src/tools/ingest/input/input-error.ts';
import { StreamFailedError } from '../../../src/tools/stage/redrive/send-rejects.ts';
import { UserError } from '../../../src/tools/user-error.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

const aws = (name: string) => Object.assign(new Error('what AWS said'), { name });

/** Runs a command of the command line `args`, whose action does this. @returns the status and what is printed */
const ran = async (action: () => Promise<number>, args: readonly string[] = ['work']) => {
  const printed: unknown[] = [];
  jest.spyOn(console, 'error').mockImplementation((line) => printed.push(line));
  const quiet = { writeErr: () => undefined, writeOut: () => undefined };
  const program = new Command().configureOutput(quiet);
  program.command('work').configureOutput(quiet).action(withStatus(action));
  const argv = process.argv;
  process.argv = ['node', 'command', ...args];
  const before = process.exitCode;
  try {
    await run(program);
    return { status: process.exitCode, printed };
  } finally {
    process.argv = argv;
    process.exitCode = before;
    jest.restoreAllMocks();
  }
};

describe('run', () => {
  it.each([0, 1])('exits with the status %i that an action gives', async (status) => {
    expect(await ran(async () => status)).toEqual({ status, printed: [] });
  });

  it.each([
    new UserError('mend it'),
    new InputError('mend it', { file: 'a.csv', line: 2 }),
    new StreamFailedError('mend it'),
    new ConfigError('mend it'),
    new ModelError('mend it'),
  ])('prints the message of %p alone', async (error) => {
    expect(await ran(() => Promise.reject(error))).toEqual({ status: 2, printed: [error.message] });
  });

  it.each(['CredentialsProviderError', 'TokenProviderError', 'UnrecognizedClientException', 'ExpiredToken'])(
    'explains %s, whatever the command',
    async (name) => {
      const { status, printed } = await ran(() => Promise.reject(aws(name)));
      expect([status, printed]).toEqual([2, [expect.stringContaining('sign in with "aws sso login"')]]);
    },
  );

  it('prints a fault of ours with its stack', async () => {
    const fault = new TypeError('oops');
    expect(await ran(() => Promise.reject(fault))).toEqual({ status: 2, printed: [fault] });
  });

  it.each([[['--nope']], [['nope']], [[]], [['work', '--nope']]])('exits with 2 for %p', async (args) => {
    expect((await ran(async () => 0, args)).status).toBe(2);
  });

  it('exits with 0 for --help', async () => {
    expect((await ran(async () => 1, ['--help'])).status).toBe(0);
  });
});

describe('npm run', () => {
  it.each([
    ['redrive'],
    ['model'],
    ['plan'],
    ['replay', 'package.json'],
    ['chaos', '--runs', 'x'],
    ['fuzz', '--nope'],
    ['bench', '--only', 'x'],
    ['classify'],
  ])(
    '%s %p exits with 2 and without a stack where it is misused',
    async (...command) => {
      const [name, ...args] = command;
      const file = join('src', 'tools', 'commands', `${name}.ts`);
      const failed = await promisify(execFile)(process.execPath, ['--no-warnings', file, ...args], {
        cwd: ROOT,
      }).catch((error) => error);
      expect(failed.code).toBe(2);
      expect(failed.stderr).not.toMatch(/ at .*\.ts:/);
      expect(failed.stderr).not.toBe('');
    },
    60_000,
  );
});
