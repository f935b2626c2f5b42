import { ModelError } from '../../errors.ts';
import type { TextInput } from '../../tasks/text-classification.ts';
import { type SpansConfig, type TokenSpans, tokenSpans } from './offsets/token-spans.ts';
import { type Piece, specialTokens } from './special-tokens.ts';
import type { ModelConfig } from './tokenizer-models.ts';
import { pipelineOf } from './tokenizer-pipeline.ts';
import { tokenizerLibrary } from './tokenizer-library.ts';

/** A text as the input of a model. */
export interface Encoding {
  /** Token ids, special tokens included; at least one. */
  readonly ids: Int32Array;
  /** The type of each token; absent where all are 0. */
  readonly types?: Uint8Array;
  /** Tokens were truncated. */
  readonly truncated: boolean;
}

export interface TextTokenizer {
  encode(input: TextInput): Encoding;
  /** The ids of a text's tokens, without special tokens. */
  idsOf(text: string): readonly number[];
  /**
   * The tokens of a text and the part of it that each stands for, exactly as the Rust tokenizers have it. Without special
   * tokens, not truncated.
   *
   * @throws PermanentError where the tokens do not spell the text
   * @throws ConfigError where the tokenizer's type is not supported: of Unigram, for example, no places are known
   */
  tokensOf(text: string): TokenSpans;
  /** Two texts of which the tokens are known, which have to fit. @returns also the index of the second one's first token */
  join(first: readonly number[], second: readonly number[]): Encoding & { readonly second: number };
  /** The tokens of a pair that fit, special ones not counted. */
  readonly pairRoom: number;
  /** The id of a token; undefined where there is none. */
  idOf(token: string): number | undefined;
  /** Whether tokenizer.json has its own regular expressions, which may backtrack for ever on some text. */
  readonly mayTakeForEver: boolean;
}

export interface TokenizerOptions {
  /** The content of tokenizer.json. */
  readonly tokenizer: unknown;
  /** The most tokens of a text, special ones included. */
  readonly maxLength: number;
  /** The side from which a long text is truncated. */
  readonly truncationSide: 'left' | 'right';
  /** The number of token types of the model. */
  readonly tokenTypes: number;
}

const KINDS = ['WordPiece', 'BPE', 'Unigram'] as const satisfies readonly ModelConfig['type'][];

/**
 * Makes a tokenizer from tokenizer.json. Its token ids are exactly those of the Rust tokenizers.
 *
 * @param file the path of tokenizer.json, for errors
 * @throws ModelError that names the file and the kind of tokenizer where that is not supported
 */
export const openTokenizer = async (
  file: string,
  { tokenizer, maxLength, truncationSide, tokenTypes }: TokenizerOptions,
): Promise<TextTokenizer> => {
  const parts: Partial<SpansConfig> = isObject(tokenizer) ? tokenizer : {};
  const model: object = isObject(parts.model) ? parts.model : {};
  const given = kindOf(model);
  const kind = KINDS.find((each) => each === given);
  if (kind === undefined) {
    throw new ModelError(
      `${file} has a tokenizer of kind ${given}, which is not supported; save one of kind ${KINDS.join(', ')}`,
    );
  }
  const library = await tokenizerLibrary();
  try {
    const config: SpansConfig = { ...parts, model: { ...model, type: kind } as ModelConfig };
    const pipeline = pipelineOf(config, library);
    const { single, pair } = specialTokens(parts.post_processor, pipeline.idOf, tokenTypes);
    const room = (pieces: readonly Piece[]): number => {
      const special = pieces.filter((piece) => 'id' in piece).length;
      if (special < maxLength) return maxLength - special;
      throw new Error(`${special} special tokens leave no room for a text among ${maxLength} tokens`);
    };
    let spansOf: ReturnType<typeof tokenSpans> | undefined;
    const rooms = { single: room(single), pair: room(pair) };
    return {
      encode: (input) => {
        const { text, textPair } = typeof input === 'string' ? { text: input, textPair: '' } : input;
        // Hugging Face treats a pair with an empty second text as a single text.
        return textPair === ''
          ? assemble(single, [pipeline.idsOf(text), []], rooms.single, truncationSide)
          : assemble(pair, [pipeline.idsOf(text), pipeline.idsOf(textPair)], rooms.pair, truncationSide);
      },
      idsOf: pipeline.idsOf,
      // Only some tasks need places: what they take is made on first use.
      tokensOf: (text) => (spansOf ??= tokenSpans(file, config, pipeline))(text),
      join: (first, second) => ({
        ...assemble(pair, [first, second], rooms.pair, truncationSide),
        second: placeOfSecond(pair, first.length),
      }),
      pairRoom: rooms.pair,
      idOf: pipeline.idOf,
      mayTakeForEver: [parts.normalizer, parts.pre_tokenizer].some(hasRegex),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelError(`${file} has a tokenizer that cannot be used: ${reason}`, { cause });
  }
};

/** Whether it contains a `Regex`, at any depth. */
const hasRegex = (part: unknown): boolean =>
  isObject(part) && ('Regex' in part || Object.values(part).some(hasRegex));

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Old files leave out the kind; it follows from their fields. */
const kindOf = (model: object): string => {
  if ('type' in model) return String(model.type);
  if ('merges' in model) return 'BPE';
  if ('vocab' in model && Array.isArray(model.vocab)) return 'Unigram';
  return 'continuing_subword_prefix' in model ? 'WordPiece' : 'unknown';
};

/** Inserts the tokens of a text or a pair, truncated to fit, between the special tokens. */
const assemble = (
  pieces: readonly Piece[],
  texts: readonly [readonly number[], readonly number[]],
  room: number,
  side: 'left' | 'right',
): Encoding => {
  const [first, second] = texts;
  const kept = keptLengths([first.length, second.length], room);
  const total = kept[0] + kept[1];
  const special = pieces.reduce((count, piece) => ('id' in piece ? count + 1 : count), 0);
  const ids = new Int32Array(Math.max(1, total + special));
  const types = pieces.some(({ type }) => type !== 0) ? new Uint8Array(ids.length) : undefined;
  let position = 0;
  for (const piece of pieces) {
    const start = position;
    if ('id' in piece) ids[position++] = piece.id;
    else {
      const tokens = texts[piece.text];
      const from = side === 'left' ? tokens.length - kept[piece.text] : 0;
      for (let index = 0; index < kept[piece.text]; index += 1) ids[position++] = tokens[from + index] ?? 0;
    }
    types?.fill(piece.type, start, position);
  }
  return { ids, ...(types && { types }), truncated: total < first.length + second.length };
};

/** How many tokens come before the second text of a pair. @param first the tokens of the first text */
const placeOfSecond = (pieces: readonly Piece[], first: number): number =>
  pieces
    .slice(
      0,
      pieces.findIndex((piece) => 'text' in piece && piece.text === 1),
    )
    .reduce((sum, piece) => sum + ('id' in piece ? 1 : first), 0);

/**
 * How many tokens to keep of a text, or of each of a pair, so that they fit: the longer of a pair is truncated first
 * (`longest_first`), as in Hugging Face's tokenizers.
 *
 * @param lengths tokens of the text and, where it is a pair, of the other
 * @param room tokens that fit, special ones not counted
 * @see https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/utils/truncation.rs
 */
export const keptLengths = (
  [first, second]: readonly [number, number],
  room: number,
): readonly [number, number] => {
  if (first + second <= room) return [first, second];
  const shorter = Math.min(first, second);
  const rest = shorter > room ? shorter : Math.max(shorter, room - shorter);
  const half = Math.floor(room / 2);
  const [small, large] = shorter + rest > room ? [half, room - half] : [shorter, rest];
  return first > second ? [large, small] : [small, large];
};
