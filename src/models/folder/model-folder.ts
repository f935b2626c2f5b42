import type { ModelError } from '../../errors.ts';
import type { Model } from '../../tasks/model.ts';

/** What the manifest of every format says. */
export interface CommonManifest {
  readonly name: string;
  readonly version: string;
  readonly format: string;
  /** The prefix of the attributes that answers are written to. */
  readonly attribute: string;
  /** What the model says, where its manifest lists that. */
  readonly labels?: readonly string[] | undefined;
}

/** A model folder and what its manifest says. */
export interface ModelFolder<Manifest extends CommonManifest = CommonManifest> {
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

/** What a source of models holds. */
export interface Catalogue {
  readonly models: readonly ModelFolder[];
  /** Folders that look like models and are none: they do not stop the others. */
  readonly faults: readonly ModelFault[];
}

/** Where models come from. */
export interface ModelSource {
  /** @throws ModelError where there is nothing to list */
  list(): Promise<Catalogue>;
}

/** `name@version` */
export const modelId = ({ name, version }: Pick<CommonManifest, 'name' | 'version'>): string =>
  `${name}@${version}`;

/** What others need to know of a model. */
export const toModel = ({ manifest }: { readonly manifest: CommonManifest }): Model => ({
  id: modelId(manifest),
  attribute: manifest.attribute,
});
