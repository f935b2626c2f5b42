import { hash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { version } from 'esbuild';

/** What a bundle was built from, in digests. */
interface BuildRecord {
  /** Of esbuild's version, the options and the installed packages. */
  readonly key: string;
  /** Of each file that was read, by its path from the project's folder. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly bundle: string;
}

/** Says whether a bundle is that of the present files, so that it need not be built again. */
export interface BuiltBefore {
  isSame(): Promise<boolean>;
  /** To be called before a build: one that is interrupted leaves no record. */
  forget(): Promise<void>;
  /** @param inputs paths of the files that were read, from the project's folder */
  remember(inputs: readonly string[]): Promise<void>;
}

/** Which file of a package is read, its package.json decides, which esbuild does not list; npm lists the packages. */
const PACKAGES = ['package.json', 'tsconfig.json', 'node_modules/.package-lock.json'];

/**
 * @param root the project's folder
 * @param bundle the bundle's file, beside which the record is
 * @param options all that a build depends on besides files
 */
export const builtBefore = (root: string, bundle: string, options: object): BuiltBefore => {
  const file = `${bundle}.inputs.json`;
  const digest = async (path: string) => hash('sha256', await readFile(path).catch(() => ''));
  const digestsOf = async (paths: readonly string[]) =>
    Object.fromEntries(
      await Promise.all(paths.map(async (path) => [path, await digest(join(root, path))] as const)),
    );
  const recordOf = async (paths: readonly string[]): Promise<BuildRecord> => ({
    key: hash('sha256', JSON.stringify([version, options, await digestsOf(PACKAGES)])),
    inputs: await digestsOf(paths),
    bundle: await digest(bundle),
  });
  return {
    isSame: async () => {
      try {
        const text = await readFile(file, 'utf8');
        const { inputs } = JSON.parse(text) as BuildRecord;
        return JSON.stringify(await recordOf(Object.keys(inputs))) === text;
      } catch {
        // No record, half of one, or one of another kind: built before is what can be shown to be.
        return false;
      }
    },
    forget: () => rm(file, { force: true }),
    remember: async (inputs) => writeFile(file, JSON.stringify(await recordOf(inputs))),
  };
};
