import { lowercase, type Preprocess, stripAccents } from './vectorizer-characters.ts';
import { readVectorizer, type VectorizerSettings } from './vectorizer-file.ts';
import { characterNgrams, type EachNgram, wordBoundaryNgrams, wordNgrams } from './vectorizer-ngrams.ts';
import { openTokenPattern } from './vectorizer-tokens.ts';
import { foldWhiteSpace, wordsOf } from './white-space.ts';

/** The counts of a vocabulary's n-grams in a text: columns, each once, and the count of each. */
export interface Counts {
  readonly columns: Int32Array;
  readonly counts: Float32Array;
}

/** scikit-learn's CountVectorizer. */
export interface Vectorizer {
  /** The number of n-grams in the vocabulary. */
  readonly width: number;
  count(text: string): Counts;
}

/**
 * Opens a vectorizer's file.
 *
 * @param sha256 of the file, hexadecimal
 * @throws ModelError that names the file and what is wrong with it
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.feature_extraction.text.CountVectorizer.html
 */
export const openVectorizer = (file: string, sha256: string): Vectorizer => {
  const settings = readVectorizer(file, sha256);
  const { vocabulary, binary } = settings;
  const columnOf = new Map(vocabulary.map((ngram, column) => [ngram, column]));
  const ngramsOf = openAnalyzer(file, settings);
  return {
    width: vocabulary.length,
    count: (text) => {
      const counted = new Map<number, number>();
      ngramsOf(text)((ngram) => {
        const column = columnOf.get(ngram);
        if (column !== undefined) counted.set(column, binary ? 1 : (counted.get(column) ?? 0) + 1);
      });
      return { columns: Int32Array.from(counted.keys()), counts: Float32Array.from(counted.values()) };
    },
  };
};

/** The counts of several vectorizers, their columns side by side, for a text. */
export const countAll = (vectorizers: readonly Vectorizer[], text: string): Counts => {
  const [only, ...others] = vectorizers;
  if (only !== undefined && others.length === 0) return only.count(text);
  let before = 0;
  const parts = vectorizers.map(({ width, count }) => {
    const { columns, counts } = count(text);
    const shift = before;
    before += width;
    return { columns: columns.map((column) => column + shift), counts };
  });
  return {
    columns: Int32Array.from(parts.flatMap(({ columns }) => [...columns])),
    counts: Float32Array.from(parts.flatMap(({ counts }) => [...counts])),
  };
};

const openAnalyzer = (file: string, settings: VectorizerSettings): ((text: string) => EachNgram) => {
  const { analyzer, ngram_range: range } = settings;
  const preprocess = openPreprocess(settings);
  const unwanted = new Set(settings.stop_words);
  const tokenize =
    settings.token_pattern === null ? undefined : openTokenPattern(file, settings.token_pattern);
  const tokensOf = (text: string): readonly string[] => tokenize?.(text) ?? [];
  switch (analyzer) {
    case 'word':
      return (text) => {
        const tokens = tokensOf(preprocess(text));
        return wordNgrams(unwanted.size > 0 ? tokens.filter((word) => !unwanted.has(word)) : tokens, range);
      };
    case 'char':
      return (text) => characterNgrams(foldWhiteSpace(preprocess(text)), range);
    case 'char_wb':
      return (text) => wordBoundaryNgrams(wordsOf(preprocess(text)), range);
  }
};

const openPreprocess = ({ lowercase: lower, strip_accents: strip }: VectorizerSettings): Preprocess => {
  const steps = [lower && lowercase(lower), strip && stripAccents(strip)].filter((step) => step !== null);
  return (text) => steps.reduce((preprocessed, step) => step(preprocessed), text);
};
