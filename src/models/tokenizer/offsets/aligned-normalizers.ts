import { must } from '../../../errors.ts';
import type { BertConfig, NormalizerConfig } from '../tokenizer-normalizers.ts';
import { CONTROL, IDEOGRAPH, lowerCase, MARK, NONSPACING_MARK, normalize9 } from '../tokenizer-unicode.ts';
import { type AlignedCharacter, type AlignedText, aligner, type Step } from './aligned-text.ts';

/**
 * A normalizer that keeps the place of each character in the source, as the Rust tokenizers do.
 *
 * @returns undefined where its type is not supported here
 * @see https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/tokenizer/normalizer.rs `transform`
 */
export const alignedNormalizerOf = (
  config: NormalizerConfig | null | undefined,
): ((text: string) => AlignedText) | undefined => {
  const steps = config ? stepsOf(config) : [];
  if (steps === undefined) return undefined;
  const lowercases = steps.includes(lowercased);
  return aligner(steps, (text) => (lowercases ? text.toLowerCase() : text));
};

const stepsOf = (config: NormalizerConfig): readonly Step[] | undefined => {
  if (config.type === 'BertNormalizer') return bertSteps(config);
  if (config.type === 'Lowercase') return [lowercased];
  if (config.type === 'NFD') return [decomposed];
  if (config.type === 'StripAccents') return [without(new RegExp(MARK, 'v'))];
  if (config.type !== 'Sequence') return undefined;
  const all = config.normalizers.map(stepsOf);
  return all.every((steps) => steps !== undefined) ? all.flat() : undefined;
};

const bertSteps = (config: BertConfig): readonly Step[] => [
  ...(config.clean_text ? [without(new RegExp(String.raw`[\0\ufffd${CONTROL}]`, 'v')), spaced] : []),
  ...(config.handle_chinese_chars ? [parted(new RegExp(IDEOGRAPH, 'v'))] : []),
  ...((config.strip_accents ?? config.lowercase)
    ? [decomposed, without(new RegExp(NONSPACING_MARK, 'v'))]
    : []),
  ...(config.lowercase ? [lowercased] : []),
];

const without =
  (unwanted: RegExp): Step =>
  (all) =>
    all.filter(({ character }) => !unwanted.test(character));

const space = /\p{White_Space}/u;
const spaced: Step = (all) =>
  all.map((each) => (space.test(each.character) ? { ...each, character: ' ' } : each));

/** A space on either side of each match, with the place of the match. */
const parted =
  (pattern: RegExp): Step =>
  (all) =>
    all.flatMap((each) => {
      if (!pattern.test(each.character)) return each;
      const gap = { ...each, character: ' ' };
      return [gap, each, gap];
    });

const lowercased: Step = (all) =>
  all.flatMap((each) => {
    const lower = lowerCase(each.character);
    return lower === each.character ? each : Array.from(lower, (character) => ({ ...each, character }));
  });

/** A character of a decomposition. */
interface Decomposed {
  readonly character: string;
  readonly isFirst: boolean;
}

/**
 * NFD. Where it changes the order of marks, each has the place of the mark that was there before: the Rust tokenizers
 * go on by one in the source for each first character of a decomposition.
 */
const decomposed: Step = (all) => {
  const text = all.map(({ character }) => character).join('');
  const normalized = normalize9(text, 'NFD');
  if (normalized === text) return all;
  const parts = all.flatMap(({ character: whole }) =>
    Array.from(normalize9(whole, 'NFD'), (character, index) => ({ character, isFirst: index === 0 })),
  );
  let place = -1;
  return inOrderOf(normalized, parts).map(({ character, isFirst }): AlignedCharacter => {
    if (isFirst) place += 1;
    return { ...must(all[place], 'character of a decomposition'), character };
  });
};

/** Sorts characters as in a text that has the same ones. Equal ones stay in their order, as they do in NFD. */
const inOrderOf = (text: string, parts: readonly Decomposed[]): readonly Decomposed[] => {
  const lastFirst = new Map<string, Decomposed[]>();
  for (const part of parts.toReversed()) {
    const equal = lastFirst.get(part.character);
    if (equal === undefined) lastFirst.set(part.character, [part]);
    else equal.push(part);
  }
  return Array.from(text, (character) => must(lastFirst.get(character)?.pop(), 'part of a decomposition'));
};
