import { labelsOf } from '../../src/tasks/text-classification.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelsBelow } from '../../src/models/sources/directory.ts';
import { manifestOf } from '../../src/models/formats/format.ts';
import { type ModelFolder, modelId } from '../../src/models/folder/model-folder.ts';
import { TOKENIZER_FILE } from '../../src/models/folder/folder-format.ts';
import { type Encoding, openTokenizer } from '../../src/models/tokenizer/tokenizer.ts';
import {
  loadTransformer,
  transformer,
  type TransformerManifest,
} from '../../src/models/formats/transformer.ts';
import { textClassification } from '../../src/tasks/text-classification.ts';
import { transformerFiles } from '../../src/models/folder/transformer-files.ts';
import { transformerSettings } from '../../src/models/folder/transformer-settings.ts';
import type { Label } from '../../src/tasks/label-scores.ts';

/** What of a model of ours is compared. */
export interface Ours {
  readonly folder: string;
  readonly graph: string;
  readonly labels: readonly string[];
  /** Tokens. */
  readonly maxLength: number;
  encode(text: string): Encoding;
  /** The first label of each text, all classified in one batch. */
  classify(texts: readonly string[]): Promise<readonly Label[]>;
}

/** The transformers of a folder that classify, by `name@version`. */
export const transformersIn = (directory: string): readonly (readonly [id: string, model: ModelFolder])[] =>
  modelsBelow(directory)
    .models.filter(
      ({ manifest }) => manifest.format === 'transformer' && manifest.task === textClassification.name,
    )
    .map((model) => [modelId(model.manifest), model]);

export const openOurs = async (model: ModelFolder): Promise<Ours> => {
  const { folder } = model;
  const manifest = manifestOf<TransformerManifest>(model, transformer);
  const settings = transformerSettings(folder, manifest);
  const file = join(folder, TOKENIZER_FILE);
  const tokenizer = await openTokenizer(file, {
    ...settings,
    tokenizer: JSON.parse(readFileSync(file, 'utf8')),
  });
  const { classify } = await loadTransformer(model);
  return {
    folder,
    graph: transformerFiles(folder, manifest, process.arch).graph,
    labels: settings.labels,
    maxLength: settings.maxLength,
    encode: tokenizer.encode,
    classify: async (texts) => {
      const answers = await classify(texts);
      return answers.map((answer) => {
        if ('error' in answer) throw answer.error;
        const [first] = labelsOf(answer).labels;
        if (first === undefined) throw new Error('no label');
        return first;
      });
    },
  };
};
