import { type AddedToken, type AddedTokens, addedTokens } from './tokenizer-added-tokens.ts';
import type { TokenizerLibrary } from './tokenizer-library.ts';
import type { TokenizerModel } from './tokenizer-model.ts';
import { type ModelConfig, modelOf } from './tokenizer-models.ts';
import { type Normalizer, type NormalizerConfig, normalizerOf } from './tokenizer-normalizers.ts';
import { type PreTokenizer, type PreTokenizerConfig, preTokenizerOf } from './tokenizer-pre-tokenizers.ts';

/** The fields of tokenizer.json for the steps from a text to tokens. */
export interface PipelineConfig {
  readonly added_tokens?: readonly AddedToken[] | null;
  readonly normalizer?: NormalizerConfig | null;
  readonly pre_tokenizer?: PreTokenizerConfig | null;
  readonly model: ModelConfig;
}

export interface Pipeline {
  /** The ids of a text's tokens, without special tokens around them. */
  idsOf(text: string): readonly number[];
  /** The id of a token; undefined where there is none. */
  idOf(token: string): number | undefined;
  readonly model: TokenizerModel;
  readonly added: AddedTokens;
}

/**
 * The steps from a text to tokens, as in the Rust tokenizers: added tokens are split off, the rest is normalized, split
 * into words and then into pieces. Each step gives exactly the results of Rust's. Where a part of
 * `@huggingface/tokenizers` does too, it is used; the other parts are ours.
 *
 * @throws Error where a part is not supported
 * @see https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/tokenizer/mod.rs `encode_single_sequence`
 */
export const pipelineOf = (config: PipelineConfig, library: TokenizerLibrary): Pipeline => {
  const normalize: Normalizer = config.normalizer ? normalizerOf(config.normalizer, library) : (text) => text;
  const preTokenize: PreTokenizer = config.pre_tokenizer
    ? preTokenizerOf(config.pre_tokenizer, library)
    : (text) => [text];
  const model = modelOf(config.model, library);
  const added = addedTokens(config.added_tokens ?? [], model, normalize);

  const idsOfNormalized = (text: string, isFirst: boolean): readonly number[] =>
    added.cutNormalized(text).flatMap((section, index) => {
      if (section.id !== undefined) return section.id;
      return section.text === '' ? [] : model.idsOf(preTokenize(section.text, isFirst && index === 0));
    });
  return {
    idsOf: (text) =>
      added
        .cutText(text)
        .flatMap((section, index) => section.id ?? idsOfNormalized(normalize(section.text), index === 0)),
    idOf: (token) => added.ids.get(token) ?? model.idOf(token),
    model,
    added,
  };
};
