import { byteCharacters } from './tokenizer-bytes.ts';
import type { PatternConfig, TokenizerLibrary } from './tokenizer-library.ts';
import { type Behavior, type Cutter, cutterAt, cutterAt16, cutterOf, split } from './tokenizer-patterns.ts';
import { PUNCTUATION, WORD } from './tokenizer-unicode.ts';

/** A pre-tokenizer in tokenizer.json, by its type. */
export type PreTokenizerConfig =
  | { readonly type: 'Sequence'; readonly pretokenizers: readonly PreTokenizerConfig[] }
  | { readonly type: 'BertPreTokenizer' | 'Whitespace' | 'WhitespaceSplit' }
  | MetaspaceConfig
  | { readonly type: 'ByteLevel'; readonly add_prefix_space: boolean; readonly use_regex?: boolean }
  | { readonly type: 'Punctuation'; readonly behavior?: Behavior }
  | { readonly type: 'Digits'; readonly individual_digits: boolean }
  | { readonly type: 'FixedLength'; readonly length?: number }
  | {
      readonly type: 'Split';
      readonly pattern: PatternConfig;
      readonly behavior: Behavior;
      readonly invert: boolean;
    };

interface MetaspaceConfig {
  readonly type: 'Metaspace';
  readonly replacement: string;
  readonly prepend_scheme?: 'always' | 'first' | 'never';
  /** In older files, in place of `prepend_scheme`. */
  readonly add_prefix_space?: boolean;
  readonly split?: boolean | null;
}

/**
 * Splits a normalized text into words, which the model splits further.
 *
 * @param isFirst whether the text is the beginning of the input
 */
export type PreTokenizer = (text: string, isFirst: boolean) => readonly string[];

/**
 * A pre-tokenizer with the same results as that of the Rust tokenizers.
 *
 * @throws Error where its type is not supported
 * @see https://github.com/huggingface/tokenizers/tree/main/tokenizers/src/pre_tokenizers
 */
export const preTokenizerOf = (config: PreTokenizerConfig, library: TokenizerLibrary): PreTokenizer => {
  switch (config.type) {
    case 'Sequence':
      return sequence(config.pretokenizers.map((each) => preTokenizerOf(each, library)));
    case 'BertPreTokenizer':
      return matcher(bertWord());
    case 'WhitespaceSplit':
      return matcher(/\P{White_Space}+/gu);
    case 'Whitespace':
      return splitter(inverted(wordCutter()), 'Removed');
    case 'Metaspace':
      return metaspace(config);
    case 'ByteLevel':
      return byteLevel(config.add_prefix_space, config.use_regex ?? true);
    case 'Punctuation':
      return splitter(cutterAt(new RegExp(PUNCTUATION, 'gv')), config.behavior ?? 'Isolated');
    case 'Digits':
      return splitter(cutterAt(/\p{N}/gu), config.individual_digits ? 'Isolated' : 'Contiguous');
    case 'FixedLength':
      return splitter(cutterAt(new RegExp(`[^]{1,${config.length ?? 5}}`, 'gu')), 'Isolated');
    case 'Split': {
      const cut = cutterOf(config.pattern, library);
      return splitter(config.invert ? inverted(cut) : cut, config.behavior);
    }
    default:
      throw new Error(`its pre-tokenizer ${(config as { type: string }).type} is not supported`);
  }
};

/** A word of BERT: what is between spaces and punctuation, or a punctuation character. */
export const bertWord = (): RegExp =>
  new RegExp(String.raw`[^\p{White_Space}${PUNCTUATION}]+|${PUNCTUATION}`, 'gv');

/** The words are the matches. */
const matcher =
  (pattern: RegExp): PreTokenizer =>
  (text) =>
    text.match(pattern) ?? [];

/** Cuts at words, and at what is neither word nor space. */
const wordCutter = (): Cutter =>
  cutterAt16(new RegExp(String.raw`[${WORD}]+|[^${WORD}\p{White_Space}]+`, 'gu'));

/** Cuts into the words of GPT-2. */
export const gpt2Cutter = (): Cutter =>
  cutterAt16(
    new RegExp(
      String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+` +
        String.raw`|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+`,
      'gu',
    ),
  );

const splitter =
  (cut: Cutter, behavior: Behavior): PreTokenizer =>
  (text) =>
    split(cut(text), behavior);

const inverted =
  (cut: Cutter): Cutter =>
  (text) =>
    cut(text).map((part) => ({ ...part, isMatch: !part.isMatch }));

/** Each splits the output of the previous one. Where one of them removes a text's beginning, no part is the first. */
const sequence =
  (all: readonly PreTokenizer[]): PreTokenizer =>
  (text, isFirst) => {
    let pieces: readonly string[] = [text];
    let isStart = isFirst;
    for (const preTokenize of all) {
      const next = pieces.flatMap((piece, index) => preTokenize(piece, isStart && index === 0));
      isStart &&= pieces[0]?.startsWith(next[0] ?? '') ?? false;
      pieces = next;
    }
    return pieces;
  };

const metaspace = ({
  replacement,
  add_prefix_space: addsSpace = true,
  prepend_scheme: scheme = addsSpace ? 'always' : 'never',
  split: splits,
}: MetaspaceConfig): PreTokenizer => {
  const mark = replacement.replace(/[\\^$.*+?()[\]{}|/]/, String.raw`\$&`);
  const word = new RegExp(`${mark}?[^${mark}]+|${mark}`, 'gu');
  return (text, isFirst) => {
    const marked = text.replaceAll(' ', () => replacement);
    const needsMark = scheme === 'always' || (scheme === 'first' && isFirst);
    const whole = needsMark && !marked.startsWith(replacement) ? replacement + marked : marked;
    return splits === false ? [whole] : (whole.match(word) ?? []);
  };
};

const byteLevel = (addsSpace: boolean, splits: boolean): PreTokenizer => {
  const cut = splits ? gpt2Cutter() : undefined;
  return (text) => {
    const spaced = addsSpace && !text.startsWith(' ') ? ` ${text}` : text;
    const words = cut === undefined ? [spaced] : split(cut(spaced), 'Isolated');
    return words.map(byteCharacters);
  };
};
