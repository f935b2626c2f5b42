import type { ModelError } from '../../errors.ts';
import type { Model } from '../../tasks/model.ts';
import type { Reference } from '../../tasks/reference.ts';

/** The fields of every format's manifest. */
export interface CommonManifest {
  readonly name: string;
  readonly version: string;
  readonly format: string;
  /** The name of the task (tasks/tasks.ts). */
  readonly task: string;
  /** Whether two texts are a pair that the model takes as one input. */
  readonly pairs?: boolean | undefined;
  /** The prefix of the attributes that answers are written to. */
  readonly attribute: string;
  /** The labels of the model, where its manifest lists them. */
  readonly labels?: readonly string[] | undefined;
  readonly license?: string | undefined;
  /** What was measured of the model, such as `accuracy`. */
  readonly metrics?: Readonly<Record<string, number>> | undefined;
  /** How the model answered the texts that it was published with. */
  readonly reference?: Reference | undefined;
  /** Of a version that was published to S3: its other files, by their paths. */
  readonly published?: { readonly files: Readonly<Record<string, PublishedFile>> } | undefined;
}

/** A file of a published version. */
export interface PublishedFile {
  readonly sha256: string;
  readonly bytes: number;
  /** The only CPU that needs it, as Node.js names it. */
  readonly cpu?: string | undefined;
}

/** A model folder and its manifest. */
export interface ModelFolder<Manifest extends CommonManifest = CommonManifest> {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** A model folder that exists and cannot be used. */
export interface ModelFault {
  /** `name@version`, from its path. */
  readonly id: string;
  readonly folder: string;
  readonly error: ModelError;
}

/** The content of a source of models. */
export interface Catalogue {
  readonly models: readonly ModelFolder[];
  /** Folders that look like models and cannot be used; the others can. */
  readonly faults: readonly ModelFault[];
  /** Where models are published while doors are open; `models` are then those that were asked for. */
  readonly changing?: ChangingModels;
  /** The `name@version` that each name stands for; the highest version of that name, unless given. */
  readonly inUse?: ReadonlyMap<string, string>;
}

/** Models that are published while doors are open. Versions never change: a name stands for another one. */
export interface ChangingModels {
  /**
   * What a name stands for now: `name` for the version in use, `name@version` for that one.
   *
   * @returns the model, whose files need not be in its folder yet; undefined where there is none
   * @throws TransientError where that cannot be found out now; ModelError where it cannot be used
   */
  find(name: string): Promise<ModelFolder | undefined>;
  /** The versions that a name stood for before, the latest first. @throws like `find` */
  before(name: string): Promise<readonly ModelFolder[]>;
  /** Every `name` with a version in use, and every `name@version`. @throws TransientError */
  names(): Promise<readonly string[]>;
  /**
   * Gets the files of a model into its folder, once.
   *
   * @param isLoaded whether the model of a folder is in memory: such files are not deleted to make room
   * @throws TransientError; ModelError where they are not its own
   */
  fetch(model: ModelFolder, isLoaded: (folder: string) => boolean): Promise<void>;
}

/** A source of models. */
export interface ModelSource {
  /** @throws ModelError where there is nothing to list */
  list(): Promise<Catalogue>;
}

/** `name@version` */
export const modelId = ({ name, version }: Pick<CommonManifest, 'name' | 'version'>): string =>
  `${name}@${version}`;

/** What other modules need of a model. */
export const toModel = ({ manifest }: { readonly manifest: CommonManifest }): Model => ({
  id: modelId(manifest),
  task: manifest.task,
  attribute: manifest.attribute,
  ...(manifest.reference !== undefined && { reference: manifest.reference }),
});
