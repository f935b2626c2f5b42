import type { Config, TokenizerConfig } from './hugging-face-files.ts';

/** The most tokens of a text where neither the tokenizer nor the model has a limit. */
export const MAX_LENGTH = 512;

/**
 * Models whose positions start after the padding's, so that their table of positions has that many rows more than a
 * text may have tokens (`create_position_ids_from_input_ids` in transformers).
 */
const ROBERTA_LIKE = new Set([
  'camembert',
  'data2vec-text',
  'ibert',
  'layoutlmv3',
  'lilt',
  'longformer',
  'luke',
  'markuplm',
  'mluke',
  'mpnet',
  'roberta',
  'roberta-prelayernorm',
  'xlm-roberta',
  'xlm-roberta-xl',
  'xmod',
]);

/** The position of the first token. */
export const positionOffset = ({ model_type: type = '', pad_token_id: padId }: Config): number =>
  ROBERTA_LIKE.has(type) ? (padId ?? 1) + 1 : 0;

/**
 * The most tokens of a text, special ones included: the lesser of what the tokenizer and the table of positions allow.
 * A tokenizer without a limit has 1e30, which is ignored.
 *
 * @returns undefined where neither has a limit
 */
export const maxLengthOf = (
  config: Config,
  { model_max_length: longest }: Partial<TokenizerConfig>,
): number | undefined => {
  const positions = config.max_position_embeddings ?? config.n_positions ?? undefined;
  const limits = [
    ...(positions === undefined || positions <= 0 ? [] : [positions - positionOffset(config)]),
    ...(longest === undefined || longest === null || longest > 1e9 ? [] : [Math.floor(longest)]),
  ];
  return limits.length > 0 ? Math.min(...limits) : undefined;
};
