import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError } from '../../errors.ts';
import { isModelFolder, MANIFEST_FILE, requireWhole } from '../folder/folder-format.ts';
import {
  type Catalogue,
  modelId,
  type ModelFault,
  type ModelFolder,
  type ModelSource,
} from '../folder/model-folder.ts';
import type { Manifest } from '../formats/formats.ts';
import { readManifest } from '../formats/manifest.ts';

/**
 * The models below a directory, `<directory>/<name>/<version>`, each with a `model.json` or as Optimum exports it: a
 * layer under `/opt`, an EFS mount or a part of the container image.
 *
 * Its list has those that can be used, and the reasons why others cannot: a manifest is faulty or misplaced, or files
 * are missing. It throws where the directory is missing or holds neither.
 */
export const directoryModels = (directory: string): ModelSource => ({
  list: async () => modelsBelow(directory),
});

/** The same synchronously, for callers with a local directory. @throws ModelError */
export const modelsBelow = (directory: string): Catalogue => {
  if (!existsSync(directory)) {
    throw new ModelError(
      `model directory ${directory} does not exist; build the models layer or set MODELS_DIR`,
    );
  }
  const models: ModelFolder[] = [];
  const faults: ModelFault[] = [];
  for (const name of subfolders(directory)) {
    for (const version of subfolders(join(directory, name))) {
      const folder = join(directory, name, version);
      try {
        if (isModelFolder(folder)) models.push({ folder, manifest: manifestIn(folder, name, version) });
      } catch (error) {
        faults.push({ id: modelId({ name, version }), folder, error: asModelError(error, folder) });
      }
    }
  }
  if (models.length + faults.length > 0) return { models, faults };
  throw new ModelError(`model directory ${directory} holds no <name>/<version>/${MANIFEST_FILE}`);
};

/** Folders without read permission, or with a file in place of a folder, are faulty, too. */
const asModelError = (error: unknown, folder: string): ModelError => {
  if (error instanceof ModelError) return error;
  if (!(error instanceof Error) || !('code' in error)) throw error;
  return new ModelError(`${folder} cannot be read: ${error.message}`, { cause: error });
};

/** @throws ModelError where it is faulty, or of another model than that of its path */
const manifestIn = (folder: string, name: string, version: string): Manifest => {
  requireWhole(folder);
  const manifest = readManifest(folder);
  if (manifest.name === name && manifest.version === version) return manifest;
  throw new ModelError(
    `${folder} holds ${manifest.name}@${manifest.version}, but its path is that of ${name}@${version}`,
  );
};

const subfolders = (directory: string): readonly string[] =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
