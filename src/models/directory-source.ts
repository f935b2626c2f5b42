import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError } from '../errors.ts';
import { isModelFolder, MANIFEST_FILE } from './folder-format.ts';
import { type Manifest, modelId, readManifest } from './manifest.ts';
import { namedFile } from './named-file.ts';

/** A model folder and what its manifest says. */
export interface ModelFolder {
  readonly folder: string;
  readonly manifest: Manifest;
}

/**
 * The models below a directory, `<directory>/<name>/<version>`, each with a `model.json` or as Optimum exports it: a
 * layer under `/opt`, an EFS mount or a part of the container image.
 *
 * @throws ModelError where the directory is missing or holds no model, or a manifest is faulty or misplaced
 */
export const directoryModels = (directory: string): readonly ModelFolder[] => {
  if (!existsSync(directory)) {
    throw new ModelError(
      `model directory ${directory} does not exist; build the models layer or set MODELS_DIR`,
    );
  }
  const folders = subfolders(directory).flatMap((name) =>
    subfolders(join(directory, name)).map((version) => ({
      name,
      version,
      folder: join(directory, name, version),
    })),
  );
  const models = folders
    .filter(({ folder }) => isModelFolder(folder))
    .map(({ name, version, folder }) => {
      const manifest = readManifest(folder);
      if (manifest.name === name && manifest.version === version) return { folder, manifest };
      throw new ModelError(
        `${folder} holds ${manifest.name}@${manifest.version}, but its path says ${name}@${version}`,
      );
    });
  if (models.length > 0) return models;
  throw new ModelError(`model directory ${directory} holds no <name>/<version>/${MANIFEST_FILE}`);
};

/**
 * The manifest of a model that a loader of `format` was given.
 *
 * @throws ModelError where it is of another format, or names a file that is outside the folder
 */
export const manifestOf = <Format extends Manifest['format']>(
  { folder, manifest }: ModelFolder,
  format: Format,
): Extract<Manifest, { format: Format }> => {
  const isOfFormat = (some: Manifest): some is Extract<Manifest, { format: Format }> =>
    some.format === format;
  if (isOfFormat(manifest)) {
    for (const file of graphsOf(manifest)) namedFile(folder, file, { by: join(folder, MANIFEST_FILE) });
    return manifest;
  }
  throw new ModelError(`${folder}: ${modelId(manifest)} has format ${manifest.format}, not ${format}`);
};

/** The graphs that a manifest names. */
const graphsOf = (manifest: Manifest): readonly string[] => {
  switch (manifest.format) {
    case 'cascade':
      return [];
    case 'sklearn':
      return manifest.steps.map(({ file }) => file);
    case 'transformer':
      return [typeof manifest.graph === 'string' ? manifest.graph : Object.values(manifest.graph ?? {})]
        .flat()
        .filter((graph) => graph !== undefined);
  }
};

const subfolders = (directory: string): readonly string[] =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
