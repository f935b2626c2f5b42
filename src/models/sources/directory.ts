import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError } from '../../errors.ts';
import { isModelFolder, MANIFEST_FILE, requireWhole } from '../folder/folder-format.ts';
import { type Manifest, modelId, readManifest } from '../folder/manifest.ts';
import { namedFile } from '../folder/named-file.ts';

/** A model folder and what its manifest says. */
export interface ModelFolder {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** A model folder that cannot be used, though it is there. */
export interface ModelFault {
  /** `name@version`, as its path says. */
  readonly id: string;
  readonly folder: string;
  readonly error: ModelError;
}

/** What a directory of models holds. */
export interface Catalogue {
  readonly models: readonly ModelFolder[];
  /** Folders that look like models and are none: they do not stop the others. */
  readonly faults: readonly ModelFault[];
}

/**
 * The models below a directory, `<directory>/<name>/<version>`, each with a `model.json` or as Optimum exports it: a
 * layer under `/opt`, an EFS mount or a part of the container image.
 *
 * @returns those that can be used, and why the others cannot: a manifest is faulty or misplaced, or half is missing
 * @throws ModelError where the directory is missing or holds neither
 */
export const directoryModels = (directory: string): Catalogue => {
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

/** Folders that may not be read, or hold a file where a folder should be, are faulty, too. */
const asModelError = (error: unknown, folder: string): ModelError => {
  if (error instanceof ModelError) return error;
  if (!(error instanceof Error) || !('code' in error)) throw error;
  return new ModelError(`${folder} cannot be read: ${error.message}`, { cause: error });
};

/** @throws ModelError where it is faulty, or of another model than its path says */
const manifestIn = (folder: string, name: string, version: string): Manifest => {
  requireWhole(folder);
  const manifest = readManifest(folder);
  if (manifest.name === name && manifest.version === version) return manifest;
  throw new ModelError(
    `${folder} holds ${manifest.name}@${manifest.version}, but its path says ${name}@${version}`,
  );
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
    for (const file of filesOf(manifest)) namedFile(folder, file, { by: join(folder, MANIFEST_FILE) });
    return manifest;
  }
  throw new ModelError(`${folder}: ${modelId(manifest)} has format ${manifest.format}, not ${format}`);
};

/** The files that a manifest names for a loader to open. */
const filesOf = (manifest: Manifest): readonly string[] => {
  switch (manifest.format) {
    case 'cascade':
      return [];
    case 'sklearn':
      return [...manifest.steps, ...(manifest.vectorizers ?? [])].flatMap(namesIn);
    case 'transformer':
      return [typeof manifest.graph === 'string' ? manifest.graph : Object.values(manifest.graph ?? {})]
        .flat()
        .filter((graph) => graph !== undefined);
  }
};

/** Every string of a step but its digest names a file. */
const namesIn = (step: object): readonly string[] =>
  Object.entries(step).flatMap(([key, value]: [string, unknown]) => {
    if (typeof value === 'object' && value !== null) return namesIn(value);
    return typeof value === 'string' && key !== 'sha256' ? [value] : [];
  });

const subfolders = (directory: string): readonly string[] =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
