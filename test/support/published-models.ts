import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ModelFolder } from '../../src/models/folder/model-folder.ts';
import { readManifest } from '../../src/models/formats/manifest.ts';
import type { ObjectStore } from '../../src/pipeline/objects/object-store.ts';
import { memoryObjects } from '../../src/stores/objects/memory.ts';
import { type ModelsInS3, modelsInS3 } from '../../src/tools/stage/models/s3/models-in-s3.ts';
import { publishToS3 } from '../../src/tools/stage/models/s3/publish.ts';
import { useInS3 } from '../../src/tools/stage/models/s3/use.ts';

const CARDS = join(import.meta.dirname, '..', '..', 'examples/scikit-learn/models/cards/1');

/** A text that the model labels `card`. */
export const CARD = 'my card is gone';

export interface VersionOptions {
  /** `cards`, unless given. */
  readonly name?: string;
  /** What stands before its labels: `v1 card`. By its version, unless given. */
  readonly says?: string;
  /** Its examples expect other answers. */
  readonly isBad?: boolean;
  /** Further fields of its manifest. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Models in S3, and a folder for all that they need on disk. */
export interface PublishedModelsWorld {
  readonly models: ModelsInS3;
  readonly folder: string;
  readonly cache: string;
  readonly url: string;
  /** A folder of the example model whose labels tell its version. */
  version(version: string, options?: VersionOptions): ModelFolder;
  publish(version: string, options?: VersionOptions): Promise<void>;
  /** Publishes a folder of these files, as JSON. */
  publishFolder(name: string, version: string, files: Readonly<Record<string, unknown>>): Promise<void>;
  use(version: string, options?: { readonly name?: string; readonly verify?: boolean }): Promise<void>;
  remove(): void;
}

/** @param store in memory, unless given; with a bucket `models` */
export const publishedModelsWorld = (
  store: ObjectStore = memoryObjects(['models']),
): PublishedModelsWorld => {
  const folder = mkdtempSync(join(tmpdir(), 'labelstream-published-'));
  const url = 's3://models/stage';
  const models = modelsInS3(store, url);
  const scratch = join(folder, 'scratch');
  const version: PublishedModelsWorld['version'] = (number, options = {}) => {
    const { name = 'cards', says = `v${number}`, isBad = false, fields = {} } = options;
    const to = join(folder, 'local', name, number);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(CARDS, to, { recursive: true });
    const read = (file: string): unknown => JSON.parse(readFileSync(join(CARDS, file), 'utf8'));
    const manifest = read('model.json') as { readonly labels: readonly string[] };
    const labels = manifest.labels.map((label) => `${says} ${label}`);
    writeFileSync(
      join(to, 'model.json'),
      JSON.stringify({ ...manifest, labels, name, version: number, ...fields }),
    );
    const known = read('examples.json') as readonly { readonly label: string }[];
    const examples = known.map((one) => ({
      ...one,
      label: isBad ? 'another' : `${says} ${one.label}`,
    }));
    writeFileSync(join(to, 'examples.json'), JSON.stringify(examples));
    return { folder: to, manifest: readManifest(to) };
  };
  return {
    models,
    folder,
    url,
    cache: join(folder, 'cache'),
    version,
    publish: async (number, options) => {
      await publishToS3(models, version(number, options), scratch);
    },
    publishFolder: async (name, number, files) => {
      const to = join(folder, 'local', name, number);
      mkdirSync(to, { recursive: true });
      for (const [file, content] of Object.entries(files))
        writeFileSync(join(to, file), JSON.stringify(content));
      await publishToS3(models, { folder: to, manifest: readManifest(to) }, scratch);
    },
    use: async (number, { name = 'cards', verify = true } = {}) => {
      await useInS3(models, `${name}@${number}`, { scratch, verify });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
