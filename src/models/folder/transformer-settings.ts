import { join } from 'node:path';
import { ModelError } from '../../errors.ts';
import { CONFIG_FILE } from './folder-format.ts';
import { type Config, readConfig, readTokenizerConfig, type TokenizerConfig } from './hugging-face-files.ts';
import type { Activation } from '../../tasks/label-scores.ts';
import { questionAnswering } from '../../tasks/question-answering.ts';
import { MAX_LENGTH, maxLengthOf, positionOffset } from './max-length.ts';

/** The fields of a manifest for a transformer's files and settings. */
export interface ManifestSettings {
  readonly task?: string | undefined;
  readonly graph?: string | Readonly<Partial<Record<string, string | undefined>>> | undefined;
  /** Digests of files. */
  readonly files: Readonly<Record<string, string>>;
  readonly labels?: readonly string[] | undefined;
  readonly activation?: Activation | undefined;
  readonly threshold?: number | undefined;
  readonly maxLength?: number | undefined;
}

/** All settings of a transformer; those that the manifest leaves out come from its other files. */
export interface TransformerSettings {
  readonly labels: readonly string[];
  readonly activation: Activation;
  readonly threshold: number | undefined;
  /** Tokens, special ones included. */
  readonly maxLength: number;
  /** The position of the first token, which is not 0 in models of RoBERTa's kind. */
  readonly firstPosition: number;
  /** The number of token types of the model. */
  readonly tokenTypes: number;
  /** The padding token, or else its id; neither where the model has none. */
  readonly padding: { readonly token?: string; readonly id?: number; readonly side: 'left' | 'right' };
  readonly truncationSide: 'left' | 'right';
}

/**
 * The settings of a `transformer`: from the manifest, or else from config.json and tokenizer_config.json.
 *
 * - labels: `id2label`; without one, as Hugging Face has it, `LABEL_0` and `LABEL_1`
 * - activation: as Hugging Face's pipeline chooses it, `none` for the problem type `regression` (the score is the
 *   value), sigmoid for `multi_label_classification` or a single label, softmax for all else
 * - threshold: 0.5 where labels are independent of each other (sigmoid), none where they exclude each other
 * - maxLength: see max-length.ts
 *
 * @throws ModelError that names the file and the fault
 */
export const transformerSettings = (folder: string, manifest: ManifestSettings): TransformerSettings => {
  const config = readConfig(folder, manifest.files);
  const tokenizerConfig = readTokenizerConfig(folder, manifest.files);
  const labels = manifest.labels ?? labelsOf(folder, config);
  const activation = manifest.activation ?? activationOf(config, labels);
  const longest = maxLengthOf(config, tokenizerConfig);
  const { maxLength = Math.min(longest ?? MAX_LENGTH, mostUnlessGiven(manifest)) } = manifest;
  const positions = maxLengthOf(config, {});
  if (positions !== undefined && maxLength > positions) {
    throw new ModelError(
      `${folder}: maxLength is ${maxLength} tokens, but the model has ${positions} positions; lower it`,
    );
  }
  return {
    labels,
    activation,
    threshold: manifest.threshold ?? (activation === 'sigmoid' ? 0.5 : undefined),
    maxLength,
    firstPosition: positionOffset(config),
    // 0 means that the model has no types; where the field is missing it may have two, like BERT.
    tokenTypes: Math.max(1, config.type_vocab_size ?? 2),
    padding: paddingOf(config, tokenizerConfig),
    truncationSide: tokenizerConfig.truncation_side,
  };
};

/** Contexts are divided into windows that are shorter than the model could take, as Hugging Face's pipeline does it. */
const MAX_WINDOW = 384;

const mostUnlessGiven = ({ task }: ManifestSettings): number =>
  task === questionAnswering.name ? MAX_WINDOW : Number.POSITIVE_INFINITY;

const labelsOf = (folder: string, { id2label }: Config): readonly string[] => {
  if (id2label === undefined || id2label === null) return ['LABEL_0', 'LABEL_1'];
  const labels = Object.entries(id2label).sort(([a], [b]) => Number(a) - Number(b));
  const isComplete = labels.every(([key], index) => Number(key) === index);
  if (isComplete && labels.length > 0) return labels.map(([, label]) => label);
  throw new ModelError(
    `${join(folder, CONFIG_FILE)}: id2label should have the indices from 0 on, one label each; fix it or give labels in model.json`,
  );
};

const activationOf = ({ problem_type: problem }: Config, labels: readonly string[]): Activation => {
  if (problem === 'regression') return 'none';
  return problem === 'multi_label_classification' || labels.length === 1 ? 'sigmoid' : 'softmax';
};

const paddingOf = (
  { pad_token_id: id }: Config,
  { pad_token: pad, padding_side: side }: TokenizerConfig,
): TransformerSettings['padding'] => {
  const token = typeof pad === 'string' ? pad : pad?.content;
  return { ...(token !== undefined && { token }), ...(typeof id === 'number' && { id }), side };
};
