import { type BpeConfig, bytePairEncoding } from './tokenizer-bpe.ts';
import type { TokenizerLibrary, WordPieceConfig } from './tokenizer-library.ts';
import type { TokenizerModel } from './tokenizer-model.ts';
import { unigram, type UnigramConfig } from './tokenizer-unigram.ts';

/** A model in tokenizer.json, by its type. */
export type ModelConfig =
  | ({ readonly type: 'BPE' } & BpeConfig)
  | ({ readonly type: 'Unigram' } & UnigramConfig)
  | ({ readonly type: 'WordPiece' } & WordPieceConfig);

/** @throws Error where its vocabulary is incomplete */
export const modelOf = (config: ModelConfig, library: TokenizerLibrary): TokenizerModel => {
  switch (config.type) {
    case 'BPE':
      return bytePairEncoding(config);
    case 'Unigram':
      return unigram(config);
    case 'WordPiece':
      return wordPiece(config, library);
  }
};

const wordPiece = (config: WordPieceConfig, { WordPiece }: TokenizerLibrary): TokenizerModel => {
  const model = new WordPiece(config);
  const { tokens_to_ids: ids, unk_token_id: unknownId } = model;
  if (unknownId === undefined) throw new Error(`unk_token ${config.unk_token} is not in the vocabulary`);
  return {
    size: ids.size,
    idOf: (token) => ids.get(token),
    idsOf: (words) => model.encode(words).map((token) => ids.get(token) ?? unknownId),
  };
};
