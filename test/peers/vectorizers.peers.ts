import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPythonPeers } from '../../src/tools/bench/peers/install.ts';
import { type PeerProcess, startPeer } from '../../src/tools/bench/peers/peer-process.ts';
import { openVectorizer } from '../../src/models/vectorizer/vectorizer.ts';
import { CONTESTED_TEXTS, HOSTILE_TEXTS } from './hostile-texts.ts';
import { everyCharacter, randomTexts, textsOf } from './random-texts.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PYTHON = join(ROOT, 'test', 'peers', 'python', 'vectorizer_peer.py');

type Options = Readonly<Record<string, unknown>>;
type Row = readonly (readonly [column: number, count: number])[];

let scratch: string;
let peer: PeerProcess;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'labelstream-vectorizers-'));
  peer = startPeer(await installPythonPeers(ROOT, 'export'), [PYTHON]);
}, 300_000);
afterAll(async () => {
  await peer.stop();
  rmSync(scratch, { recursive: true });
});

/** The texts of which the counts are not scikit-learn's, its vocabulary being all that is in the texts. */
const differences = async (options: Options, texts: readonly string[]): Promise<readonly string[]> => {
  const file = join(scratch, 'vectorizer.json');
  const { sha256, rows } = await peer.ask<{ sha256: string; rows: readonly Row[] }>({ options, texts, file });
  const vectorizer = openVectorizer(file, sha256);
  const differing = texts.filter((text, index) => {
    const { columns, counts } = vectorizer.count(text);
    const found = Array.from(columns, (column, at) => [column, counts[at]] as const);
    const row = rows[index] ?? [];
    return JSON.stringify(found.toSorted(([a], [b]) => a - b)) !== JSON.stringify(row);
  });
  return differing.slice(0, 5);
};

const EVERY_KIND: readonly (readonly [what: string, options: Options])[] = [
  ['words', {}],
  ['words, case kept', { lowercase: false }],
  ['words of any length, n-grams', { token_pattern: String.raw`(?u)\b\w+\b`, ngram_range: [1, 3] }],
  ['n-grams of two and three without stop words', { stop_words: 'english', ngram_range: [2, 3] }],
  ['words without accents', { strip_accents: 'unicode' }],
  ['characters', { analyzer: 'char', ngram_range: [1, 3] }],
  ['characters without accents, ASCII', { analyzer: 'char', strip_accents: 'ascii', ngram_range: [2, 2] }],
  ['characters within words', { analyzer: 'char_wb', ngram_range: [2, 5] }],
  ['characters within short words', { analyzer: 'char_wb', ngram_range: [6, 9], binary: true }],
  ['a group', { token_pattern: String.raw`(?m)^\s*(\w+)|[^\W\d_]{2,3}?(?!\w)|\d+$` }],
  ['case ignored', { token_pattern: String.raw`(?i)[a-zßſkåσ]+|(?-i:[Ά-Ω]\b)|(?a:\w)\B`, lowercase: false }],
  ['ASCII, lines', { token_pattern: String.raw`(?as)(?<![\w.])\w[\w.]*\b|(?<=\n)[^\s]+?$|\Z.|.{2}` }],
];

/** Those that between them ask all that is known of a character. */
const OF_EVERY_CHARACTER = [
  'words',
  'words without accents',
  'characters without accents, ASCII',
  'characters within words',
  'case ignored',
];

it.each(EVERY_KIND)(
  'a vectorizer of %s counts hostile and random texts as scikit-learn does',
  async (_, options) => {
    const texts = [...HOSTILE_TEXTS, ...CONTESTED_TEXTS, ...randomTexts(1_500, 5)];
    expect(await differences(options, texts)).toEqual([]);
  },
);

it.each(EVERY_KIND.filter(([what]) => OF_EVERY_CHARACTER.includes(what)))(
  'a vectorizer of %s counts every character, beside letters and capital sigmas, as scikit-learn does',
  async (_, options) => {
    const texts = textsOf(everyCharacter(), 64).map((text) =>
      Array.from(text, (character) => `${character} aΣ${character}Σ`).join(' '),
    );
    expect(await differences({ ...options, ngram_range: [1, 1] }, texts)).toEqual([]);
  },
);
