import { cascade, leavesOf } from '../formats/cascade.ts';
import { transformer, type TransformerManifest } from '../formats/transformer.ts';
import { transformerSettings } from '../folder/transformer-settings.ts';
import type { ModelFolder } from '../folder/model-folder.ts';
import type { OtherModels } from '../loaded-model.ts';

/** What a model's files say of it, beside its manifest. */
export interface ModelDetails {
  readonly labels?: readonly string[];
  /** The most tokens of a text, for a model that truncates. */
  readonly maxTokens?: number;
}

/** @throws ModelError where its files, or those of a cascade's stages, are at fault */
export const modelDetails = (model: ModelFolder, find: OtherModels['find']): ModelDetails => {
  const { manifest } = model;
  if (manifest.format === cascade.name) {
    const labels = manifest.labels ?? leavesOf(model, find).map((leaf) => modelDetails(leaf, find).labels)[0];
    return labels === undefined ? {} : { labels };
  }
  if (manifest.format === transformer.name) {
    const { labels, maxLength } = transformerSettings(model.folder, manifest as TransformerManifest);
    return { labels, maxTokens: maxLength };
  }
  return manifest.labels === undefined ? {} : { labels: manifest.labels };
};
