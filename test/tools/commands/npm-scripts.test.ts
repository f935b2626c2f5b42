import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { copyService, type ServiceCopy } from '../../support/service-copy.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
);

/** Files for people to read: the root's own, and those of folders that are the project's. */
const files = ['docs', 'events', 'examples', 'layers', 'models', 'src', 'test'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => !/node_modules|\.venv/.test(file))
    .map((file) => join(folder, file)),
);

describe('npm scripts, with a Node.js that reads no TypeScript first in PATH', () => {
  let folder: string;
  let copy: ServiceCopy;
  beforeAll(async () => {
    copy = await copyService({ models: ['banking77-tfidf'] });
    folder = mkdtempSync(join(tmpdir(), 'labelstream-npm-'));
    // What Node.js 20 says of a file in TypeScript.
    writeFileSync(join(folder, 'node'), '#!/bin/sh\necho ERR_UNKNOWN_FILE_EXTENSION >&2\nexit 1\n');
    chmodSync(join(folder, 'node'), 0o755);
  });
  afterAll(async () => {
    await copy.remove();
    rmSync(folder, { recursive: true });
  });

  const npm = (...args: string[]) => {
    const cli = realpathSync(execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim());
    const env = { ...process.env, PATH: [folder, process.env.PATH].join(delimiter) };
    return promisify(execFile)(process.execPath, [cli, ...args], { cwd: copy.root, env });
  };

  it('events: the same script gives the same files', async () => {
    await npm('run', 'events');
    for (const name of readdirSync(join(ROOT, 'events')).filter((file) => file.endsWith('.json'))) {
      expect(readFileSync(join(copy.root, 'events', name), 'utf8')).toBe(
        readFileSync(join(ROOT, 'events', name), 'utf8'),
      );
    }
  });

  it('layers: builds both', async () => {
    const { stdout } = await npm('run', 'layers', '--', '--arch', 'host', '--out', join(folder, 'layers'));
    expect(stdout).toMatch(/^runtime +[\d.]+ MB .*layers\/runtime$/m);
    expect(stdout).toMatch(/^models +[\d.]+ MB .*layers\/models$/m);
    const wrong = await npm('run', 'layers', '--', '--cpu', 'arm64').catch((error) => error);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/Unknown option '--cpu'/)]);
    expect(wrong.stderr).not.toMatch(/ at .*\.ts:/);
  });
});

describe('documents and comments', () => {
  const pages = readdirSync(ROOT).filter((file) => file.endsWith('.md'));
  const texts = [...files, ...pages, 'serverless.yml']
    .filter((file) => /\.(md|ts|py|yml)$/.test(file))
    .map((file) => [file, readFileSync(join(ROOT, file), 'utf8')] as const);

  it('name npm scripts, never a file for a Node.js that may not read it', () => {
    const byHand = texts.flatMap(([file, text]) =>
      [...text.matchAll(/\bnode (?!-)[\w./-]+\.ts\b/g)].map(([command]) => `${file}: ${command}`),
    );
    expect(byHand).toEqual([]);
  });

  it('name npm scripts that there are', () => {
    const unknown = texts.flatMap(([file, text]) =>
      [...text.matchAll(/\bnpm run (\w+(?:[:-]\w+)*)/g)].flatMap(([, name = '']) =>
        Object.hasOwn(scripts, name) ? [] : [`${file}: ${name}`],
      ),
    );
    expect(unknown).toEqual([]);
  });

  it.each([
    ['start', 'Your own messages'],
    ['classify', 'Labels for a file'],
  ])('docs/ingesting.md has each option of npm run %s in its table, and no other', async (name, section) => {
    const cli = join(ROOT, 'src', 'tools', 'commands', `${name}.ts`);
    const { stdout } = await promisify(execFile)(process.execPath, [cli, '--help']);
    const options = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option]) => option);
    const page = readFileSync(join(ROOT, 'docs', 'ingesting.md'), 'utf8');
    const [, table = ''] = new RegExp(`## ${section}\n([^]*?)\n## `).exec(page) ?? [];
    const rows = table.split('\n').filter((line) => line.startsWith('| `--'));
    const described = rows.flatMap((row) => row.split(' | ')[0]?.match(/--[\w-]+/g) ?? []);
    expect([...described, '--help'].toSorted()).toEqual(options.toSorted());
  });
});
