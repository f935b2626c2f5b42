import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..', '..', '..');

interface LockedPackage {
  readonly engines?: { readonly node?: string };
  readonly hasInstallScript?: boolean;
}

const LOCKS = ['package-lock.json', join('test', 'peers', 'package-lock.json')];

const lockedBy = (file: string): readonly (readonly [string, LockedPackage])[] =>
  Object.entries(JSON.parse(readFileSync(join(ROOT, file), 'utf8')).packages);

/**
 * `npm ci` goes by what package-lock.json says of a package. Two things that npm writes there are taken out again; a
 * new version of the package brings them back, and then they are to be deleted by hand.
 *
 * - `hasInstallScript` of onnxruntime-node: npm 10 knows no `allowScripts`, and would run a script that fetches GPU
 *   builds from another host. The setting by which the script can be told not to is unknown to npm 11, which warns of
 *   it on every command.
 * - `engines` of packages that ask for more than the Node.js 20.19 on which npm may run: they run on the Node.js of
 *   the package `node`.
 */
describe.each(LOCKS)('%s', (file) => {
  it('keeps every version of npm from running the install script of onnxruntime-node', () => {
    const scripts = lockedBy(file)
      .filter(([path, { hasInstallScript }]) => path.endsWith('/onnxruntime-node') && hasInstallScript)
      .map(([path]) => `delete "hasInstallScript" of ${path} in ${file}`);
    expect(scripts).toEqual([]);
  });

  it('asks for no other Node.js than package.json does, so that npm warns of none', () => {
    const tooNew = lockedBy(file)
      .filter(([, { engines }]) => Number(/^>=\s*(\d+)/.exec(engines?.node ?? '')?.[1] ?? 0) > 20)
      .map(
        ([path]) => `delete "engines" of ${path} in ${file}, if the Node.js of .nvmrc has what it asks for`,
      );
    expect(tooNew).toEqual([]);
  });
});

describe('.npmrc files', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'labelstream-npmrc-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(LOCKS.map((file) => dirname(file)))('of %s: no setting that npm warns of', async (of) => {
    const userconfig = join(folder, 'npmrc');
    writeFileSync(userconfig, '');
    // Settings of whoever runs the tests are none of the project's.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
    const { stderr } = await promisify(execFile)('npm', ['pkg', 'get', 'name'], {
      cwd: join(ROOT, of),
      env: { ...env, npm_config_userconfig: userconfig },
    });
    expect(stderr).toBe('');
  });
});
