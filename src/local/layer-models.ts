import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Files of a model's folder that people read and the function does not. */
const NOT_DEPLOYED = new Set(['README.md', 'examples.json']);

/** What a build reads of a `model.json`; the function checks the whole of it when it loads the model. */
interface Manifest {
  readonly name: string;
  readonly version: string | number;
  readonly steps: readonly { readonly file: string; readonly sha256: string }[];
}

/** @returns the folders `models/<name>/<version>` that hold a `model.json`, sorted; `models/training` is none. */
export const findModels = async (models: string): Promise<readonly string[]> => {
  const entries = await readdir(models, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name === 'model.json')
    .map((entry) => entry.parentPath)
    .filter((folder) => dirname(dirname(folder)) === models && basename(dirname(folder)) !== 'training')
    .sort();
};

const readManifest = async (folder: string): Promise<Manifest> => {
  const path = join(folder, 'model.json');
  try {
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    if (!Array.isArray(manifest.steps) || manifest.steps.length === 0) {
      throw new Error('"steps" must list at least one { file, sha256 }');
    }
    return manifest;
  } catch (cause) {
    throw new Error(`${path} is no model manifest: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
};

/**
 * Checks a model's folder against its own `model.json`: it is named after `name` and `version`, and each of its
 * `steps` is there with the sha256 it promises.
 * @throws Error naming the file, what was expected and what to do.
 */
export const verifyModel = async (folder: string): Promise<void> => {
  const { name, version, steps } = await readManifest(folder);
  if (name !== basename(dirname(folder)) || String(version) !== basename(folder)) {
    throw new Error(
      `${join(folder, 'model.json')} describes ${name}@${version}: move its folder to models/${name}/${version}, or correct it.`,
    );
  }
  for (const { file, sha256 } of steps) {
    const path = join(folder, file);
    const bytes = await readFile(path).catch((cause) => {
      throw new Error(
        `${path} is missing: model.json of ${name}@${version} names it as a step. Restore it.`,
        { cause },
      );
    });
    const actual = createHash('sha256').update(bytes).digest('hex');
    if (actual !== sha256) {
      throw new Error(
        `${path} is not the file that model.json of ${name}@${version} describes: ` +
          `expected sha256 ${sha256}, found ${actual} (${bytes.length} bytes). Restore the file or export the model again.`,
      );
    }
  }
};

/**
 * Verifies the model in folder `from` and puts what the function needs of it into folder `to`.
 * This is the place for work on a model that is worth doing once, when the layer is built, such as joining
 * the graphs of a chain into one: the result must be a model's folder again, with a `model.json` that fits it.
 * @throws Error naming the file and the expectation, see {@link verifyModel}.
 */
export const prepareModel = async (from: string, to: string): Promise<void> => {
  await verifyModel(from);
  await mkdir(to, { recursive: true });
  await cp(from, to, {
    recursive: true,
    filter: (source) => !NOT_DEPLOYED.has(basename(source)) && !basename(source).startsWith('.'),
  });
};
