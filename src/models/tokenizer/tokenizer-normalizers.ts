import { byteCharacters } from './tokenizer-bytes.ts';
import { readCharsmap } from './tokenizer-charsmap.ts';
import type { PatternConfig, TokenizerLibrary } from './tokenizer-library.ts';
import { cutterOf } from './tokenizer-patterns.ts';
import {
  CONTROL,
  endWithoutSpaces,
  IDEOGRAPH,
  lowerCase,
  MARK,
  NONSPACING_MARK,
  normalize9,
  startWithoutSpaces,
} from './tokenizer-unicode.ts';

/** A normalizer in tokenizer.json, by its type. */
export type NormalizerConfig =
  | { readonly type: 'Sequence'; readonly normalizers: readonly NormalizerConfig[] }
  | BertConfig
  | { readonly type: 'NFC' | 'NFD' | 'NFKC' | 'NFKD' }
  | { readonly type: 'Lowercase' | 'StripAccents' | 'Nmt' | 'ByteLevel' }
  | { readonly type: 'Strip'; readonly strip_left: boolean; readonly strip_right: boolean }
  | { readonly type: 'Replace'; readonly pattern: PatternConfig; readonly content: string }
  | { readonly type: 'Prepend'; readonly prepend: string }
  | { readonly type: 'Precompiled'; readonly precompiled_charsmap: string };

export interface BertConfig {
  readonly type: 'BertNormalizer';
  readonly clean_text: boolean;
  readonly handle_chinese_chars: boolean;
  readonly strip_accents?: boolean | null;
  readonly lowercase: boolean;
}

export type Normalizer = (text: string) => string;

/**
 * A normalizer with the same results as that of the Rust tokenizers.
 *
 * @throws Error where its type is not supported
 * @see https://github.com/huggingface/tokenizers/tree/main/tokenizers/src/normalizers
 */
export const normalizerOf = (config: NormalizerConfig, library: TokenizerLibrary): Normalizer => {
  switch (config.type) {
    case 'Sequence': {
      const all = config.normalizers.map((each) => normalizerOf(each, library));
      return (text) => all.reduce((normalized, normalize) => normalize(normalized), text);
    }
    case 'BertNormalizer':
      return bertNormalizer(config);
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return (text) => normalize9(text, config.type);
    case 'Lowercase':
      return lowerCase;
    case 'StripAccents': {
      const mark = new RegExp(MARK, 'gv');
      return (text) => text.replace(mark, '');
    }
    case 'Nmt':
      return (text) => text.replace(nmtRemoved, '').replace(nmtSpace, ' ');
    case 'ByteLevel':
      return byteCharacters;
    case 'Strip':
      return (text) =>
        text.slice(
          config.strip_left ? startWithoutSpaces(text) : 0,
          config.strip_right ? endWithoutSpaces(text) : undefined,
        );
    case 'Replace': {
      const cut = cutterOf(config.pattern, library);
      return (text) =>
        cut(text)
          .map((part) => (part.isMatch ? config.content : part.text))
          .join('');
    }
    case 'Prepend':
      return (text) => (text === '' ? '' : config.prepend + text);
    case 'Precompiled':
      return readCharsmap(config.precompiled_charsmap).normalize;
    default:
      throw new Error(`its normalizer ${(config as { type: string }).type} is not supported`);
  }
};

const plain = /^[ -~]*$/;
const space = /\p{White_Space}/gu;

const bertNormalizer = ({
  clean_text: cleans,
  handle_chinese_chars: partsIdeographs,
  lowercase,
  strip_accents: accents,
}: BertConfig): Normalizer => {
  const stripsAccents = accents ?? lowercase;
  const unclean = new RegExp(String.raw`[\0\ufffd${CONTROL}]+`, 'gv');
  const ideograph = new RegExp(IDEOGRAPH, 'gv');
  const mark = new RegExp(NONSPACING_MARK, 'gv');
  return (text) => {
    if (plain.test(text)) return lowercase ? text.toLowerCase() : text;
    const clean = cleans ? text.replace(unclean, '').replace(space, ' ') : text;
    const parted = partsIdeographs ? clean.replace(ideograph, ' $& ') : clean;
    const bare = stripsAccents ? normalize9(parted, 'NFD').replace(mark, '') : parted;
    return lowercase ? lowerCase(bare) : bare;
  };
};

const nmtRemoved = /[\u0001-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f]/g;
const nmtSpace = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g;
