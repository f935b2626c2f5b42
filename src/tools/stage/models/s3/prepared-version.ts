import { hash } from 'node:crypto';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { must } from '../../../../errors.ts';
import { EXAMPLES_FILE } from '../../../../models/folder/examples.ts';
import { MANIFEST_FILE } from '../../../../models/folder/folder-format.ts';
import {
  type CommonManifest,
  modelId,
  type ModelFolder,
  type PublishedFile,
} from '../../../../models/folder/model-folder.ts';
import { listFiles } from '../../../build/layer-files.ts';
import { prepareModel } from '../../../build/layer-models.ts';
import { UserError } from '../../../user-error.ts';
import { readExamples } from '../examples.ts';

/** A version as it is published. */
export interface PreparedVersion {
  /** Absolute paths, by the path in the version. */
  readonly files: ReadonlyMap<string, string>;
  /** `model.json`, which lists them. */
  readonly manifest: string;
  /** The sha256 of that. */
  readonly digest: string;
  readonly bytes: number;
  readonly examples: number;
}

type Json = Readonly<Record<string, unknown>>;

/** The CPUs that Lambda has. */
const CPUS = ['x64', 'arm64'] as const;

/**
 * What is published of a model: the files that a function needs, of either CPU, its examples and a complete manifest.
 * The same model always gives the same bytes.
 *
 * @param to an empty folder
 * @throws ModelError where its files are not those of its manifest; UserError where it has no examples
 */
export const prepareVersion = async (model: ModelFolder, to: string): Promise<PreparedVersion> => {
  const examples = await readExamples(model.folder);
  const found = new Map<string, PublishedFile>();
  const paths = new Map<string, string>();
  const manifests: Json[] = [];
  for (const cpu of CPUS) {
    const folder = join(to, cpu);
    await prepareModel(model, folder, cpu);
    await copyFile(join(model.folder, EXAMPLES_FILE), join(folder, EXAMPLES_FILE));
    for (const file of await listFiles(folder)) {
      const content = await readFile(join(folder, file));
      if (file === MANIFEST_FILE) {
        manifests.push(JSON.parse(content.toString()) as Json);
        continue;
      }
      const own = { sha256: hash('sha256', content, 'hex'), bytes: content.length };
      const other = found.get(file);
      if (other !== undefined && other.sha256 !== own.sha256) throw differs(model.manifest, file);
      found.set(file, other === undefined ? { ...own, cpu } : own);
      paths.set(file, join(folder, file));
    }
  }
  const files = Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const manifest = `${JSON.stringify({ ...ofBoth(model.manifest, manifests), published: { files } }, null, 2)}\n`;
  const bytes = [...found.values()].reduce((total, file) => total + file.bytes, manifest.length);
  return {
    files: paths,
    manifest,
    digest: hash('sha256', manifest, 'hex'),
    bytes,
    examples: examples.length,
  };
};

/** The manifest for either CPU: they differ in the graph that is taken, if at all. */
const ofBoth = (model: CommonManifest, [first, second]: readonly Json[]): Json => {
  const [x64, arm64] = [must(first, 'manifest for x64'), must(second, 'manifest for arm64')];
  const merged = {
    ...x64,
    ...(x64.graph !== arm64.graph && { graph: { x64: x64.graph, arm64: arm64.graph } }),
    ...(x64.files !== undefined && { files: { ...(x64.files as Json), ...(arm64.files as Json) } }),
  };
  const rest = { graph: undefined, files: undefined };
  if (isDeepStrictEqual({ ...x64, ...rest }, { ...arm64, ...rest })) return merged;
  throw differs(model, MANIFEST_FILE);
};

const differs = (manifest: CommonManifest, file: string): UserError =>
  new UserError(
    `${file} of ${modelId(manifest)} is another one for x86-64 than for arm64. Nothing was changed: give the files of one ` +
      'CPU other names.',
  );
