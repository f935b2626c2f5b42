import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPythonPeers } from '../../src/tools/bench/peers/install.ts';
import { type PeerProcess, startPeer } from '../../src/tools/bench/peers/peer-process.ts';
import { openTokenizer } from '../../src/models/tokenizer/tokenizer.ts';
import { ALIGNED, alignedTokenizerOf, inCodePoints, type Spans } from '../fixtures/tokenizers/aligned.ts';
import { xquadOr } from '../support/xquad.ts';
import { CONTESTED_TEXTS, HOSTILE_TEXTS } from './hostile-texts.ts';
import { everyCharacter, randomTexts, textsOf } from './random-texts.ts';
import { widened } from './widened.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PYTHON = join(ROOT, 'test', 'peers', 'python', 'tokenizers_peer.py');
const SHIPPED = join(ROOT, 'models', 'banking77-minilm', '1', 'tokenizer.json');

/** Texts of one request. */
const BATCH = 2_000;

let peer: PeerProcess;
beforeAll(async () => {
  peer = startPeer(await installPythonPeers(ROOT, 'python'), [PYTHON]);
});
afterAll(() => peer.stop());

/** The texts whose tokens, offsets or words are not those of the Rust tokenizers, with both. */
const differences = async (tokenizer: object, texts: readonly string[]) => {
  const options = { tokenizer, tokenTypes: 3, maxLength: 1_000_000, truncationSide: 'right' } as const;
  const ours = await openTokenizer('tokenizer.json', options);
  await peer.ask({ do: 'load', tokenizer: JSON.stringify(tokenizer) });
  const found: object[] = [];
  for (let start = 0; start < texts.length; start += BATCH) {
    const batch = texts.slice(start, start + BATCH);
    const { spans } = await peer.ask<{ spans: readonly Spans[] }>({ do: 'spans', texts: batch });
    for (const [index, text] of batch.entries()) {
      const said = inCodePoints(text, ours.tokensOf(text));
      if (JSON.stringify(said) !== JSON.stringify(spans[index]))
        found.push({ text, ours: said, theirs: spans[index] });
    }
  }
  return found.slice(0, 10);
};

const characters = everyCharacter();
const known = characters.filter((character) => character !== '\0');

describe.each(ALIGNED)('the tokenizer %s has the ids, offsets and words of Rust tokenizers', (name) => {
  const tokenizer = alignedTokenizerOf(name);
  const wide = widened(tokenizer, known);

  it('on hostile texts', async () => {
    const texts = [...HOSTILE_TEXTS, ...CONTESTED_TEXTS];
    expect(await differences(tokenizer, texts)).toEqual([]);
    expect(await differences(wide, texts)).toEqual([]);
  });

  it('on 50,000 random texts, with all characters known and with few', async () => {
    expect(await differences(wide, randomTexts(50_000, 4))).toEqual([]);
    expect(await differences(tokenizer, randomTexts(10_000, 5))).toEqual([]);
  });

  it('on every character', async () => {
    expect(await differences(wide, textsOf(characters, 64))).toEqual([]);
  });
});

const shipped = (): object => JSON.parse(readFileSync(SHIPPED, 'utf8')) as object;

it('the tokenizer of the shipped models has them on hostile texts and 50,000 random ones', async () => {
  const texts = [...HOSTILE_TEXTS, ...CONTESTED_TEXTS, ...randomTexts(50_000, 6)];
  expect(await differences(shipped(), texts)).toEqual([]);
});

const paragraphs = xquadOr('the places of tokens in XQuAD');

(paragraphs.length > 0 ? it : it.skip)(
  'they have them on all of XQuAD, a byte-level tokenizer too',
  async () => {
    const texts = paragraphs.flatMap(({ context, questions }) => [context, ...questions]);
    expect(await differences(shipped(), texts)).toEqual([]);
    expect(await differences(alignedTokenizerOf('roberta'), texts)).toEqual([]);
  },
);
