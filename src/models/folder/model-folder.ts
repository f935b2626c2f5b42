import type { ModelError } from '../../errors.ts';
import type { Model } from '../../tasks/model.ts';

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
  attribute: manifest.attribute,
});
