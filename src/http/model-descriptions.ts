import { ModelError } from '../errors.ts';
import { compareVersions } from '../pipeline/items/model-order.ts';
import { derived } from './derived.ts';
import { modelDetails } from '../models/catalogue/model-details.ts';
import type { ModelDetails } from '../models/formats/format.ts';
import { modelsByName } from '../models/catalogue/choose-models.ts';
import type { OtherModels } from '../models/loaded-model.ts';
import { type ModelFolder, modelId } from '../models/folder/model-folder.ts';
import type { RequestLimits } from './limits.ts';
import type { ServedModel, ServedModels } from './served-models.ts';

/** What a client can know of a model. */
export interface ModelDescription {
  /** `name@version` */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Requests that name no model are answered by it. */
  readonly default: boolean;
  readonly task: string;
  readonly format: string;
  readonly pairs: boolean;
  readonly labels?: readonly string[];
  readonly limits: RequestLimits & { readonly tokens?: number };
  readonly license?: string;
  readonly metrics?: Readonly<Record<string, number>>;
}

export interface ModelDescriptions {
  /** `name@version` of each model. */
  readonly ids: () => readonly string[];
  readonly all: () => readonly ModelDescription[];
  /** As Text Embeddings Inference describes the model that it serves: here the default one. */
  readonly info: (version: string) => object;
  /** All versions of its name included. */
  readonly one: (model: ServedModel) => ModelDescription & { readonly versions: readonly string[] };
}

/** Descriptions of the models; each is made once. */
export const modelDescriptions = (
  catalogue: () => readonly ModelFolder[],
  models: ServedModels,
  limits: RequestLimits,
): ModelDescriptions => {
  const byName = derived(catalogue, modelsByName);
  const details = new Map<string, ModelDetails>();
  const detailsOf = (folder: ModelFolder): ModelDetails => {
    const id = modelId(folder.manifest);
    const known = details.get(id) ?? readDetails(folder, (name) => byName().get(name));
    details.set(id, known);
    return known;
  };
  const describe = (folder: ModelFolder): ModelDescription => {
    const { name, version, task, format, pairs = false, license, metrics } = folder.manifest;
    const { labels, maxTokens } = detailsOf(folder);
    const id = modelId(folder.manifest);
    return {
      ...{ id, name, version, default: models.find().id === id, task, format, pairs },
      ...(labels !== undefined && { labels }),
      limits: { ...limits, ...(maxTokens !== undefined && { tokens: maxTokens }) },
      ...(license !== undefined && { license }),
      ...(metrics !== undefined && { metrics }),
    };
  };
  const versionsOf = (name: string): readonly string[] =>
    catalogue()
      .filter(({ manifest }) => manifest.name === name)
      .map(({ manifest }) => manifest.version)
      .sort(compareVersions);
  return {
    ids: () => catalogue().map(({ manifest }) => modelId(manifest)),
    all: () => catalogue().map(describe),
    info: (version) => {
      const { id, labels = [], limits: own } = describe(models.find().folder);
      return {
        model_id: id,
        model_sha: null,
        model_type: {
          classifier: {
            id2label: Object.fromEntries(labels.entries()),
            label2id: Object.fromEntries(labels.map((label, index) => [label, index])),
          },
        },
        ...(own.tokens !== undefined && { max_input_length: own.tokens }),
        max_client_batch_size: own.texts,
        version,
      };
    },
    one: ({ folder }) => ({ ...describe(folder), versions: versionsOf(folder.manifest.name) }),
  };
};

/** A model whose files are at fault is described by its manifest alone: its requests say what is wrong. */
const readDetails = (folder: ModelFolder, find: OtherModels['find']): ModelDetails => {
  try {
    return modelDetails(folder, find);
  } catch (error) {
    if (error instanceof ModelError) return {};
    throw error;
  }
};
