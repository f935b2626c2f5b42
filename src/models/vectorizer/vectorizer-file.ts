import * as z from 'zod';
import { ModelError } from '../../errors.ts';
import { checkedFile } from '../folder/checked-file.ts';

/** Code points as ranges: from the first up to, but not including, the second, from the third on, and so forth. */
const codePoints = z.array(z.int().min(0).max(0x110000));

/** The replacements of single characters; all others are unchanged. */
const characterMap = z
  .record(z.string(), z.string())
  .transform((map): ReadonlyMap<string, string> => new Map(Object.entries(map)));

const lowercase = z.strictObject({
  map: characterMap,
  /** Characters with case: a capital sigma at the end of a word has another lower case. */
  cased: codePoints,
  /** Characters that are skipped when the end of a word is determined. */
  ignorable: codePoints,
});

const stripAccents = z.strictObject({
  map: characterMap,
  /** How characters beyond ASCII that are not in the map are treated; `decompose`: only Hangul changes. */
  others: z.enum(['decompose', 'drop']),
});

/** A regular expression over the kinds of characters instead of the characters: a letter for each character. */
const tokenPattern = z.strictObject({
  /** Code points where another kind begins. */
  starts: z.array(z.int().min(0).max(0x10ffff)).min(1),
  /** The kind that begins at each start: its letter is U+0041 plus this number. */
  kinds: z.array(z.int().min(0).max(0xd000)).min(1),
  pattern: z.string().min(1),
});

const vectorizer = z
  .strictObject({
    analyzer: z.enum(['word', 'char', 'char_wb']),
    ngram_range: z.tuple([z.int().min(1), z.int().min(1)]),
    binary: z.boolean(),
    lowercase: lowercase.nullable(),
    strip_accents: stripAccents.nullable(),
    token_pattern: tokenPattern.nullable(),
    stop_words: z.array(z.string()),
    /** N-grams in the order of the columns. */
    vocabulary: z.array(z.string()).min(1),
  })
  .refine(({ analyzer, token_pattern }) => (analyzer === 'word') === (token_pattern !== null), {
    error: 'the analyzer word, and no other, has a token_pattern',
    path: ['token_pattern'],
  });

/** A CountVectorizer as a file, with the character data of the Python that trained it. */
export type VectorizerSettings = Readonly<z.infer<typeof vectorizer>>;
export type LowercaseSettings = Readonly<z.infer<typeof lowercase>>;
export type StripAccentsSettings = Readonly<z.infer<typeof stripAccents>>;
export type TokenPatternSettings = Readonly<z.infer<typeof tokenPattern>>;

/**
 * Reads a vectorizer's file.
 *
 * @param sha256 of the file, hexadecimal
 * @throws ModelError that names the file and what is wrong with it
 */
export const readVectorizer = (file: string, sha256: string): VectorizerSettings => {
  const content = checkedFile(file, sha256);
  let json: unknown;
  try {
    json = JSON.parse(content.toString('utf8'));
  } catch (cause) {
    throw new ModelError(`${file} could not be read as JSON`, { cause });
  }
  const parsed = vectorizer.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`,
  );
  throw new ModelError(`${file} is not a vectorizer: ${faults.slice(0, 10).join('; ')}`);
};
