import { join } from 'node:path';
import { installPythonPeers } from '../../src/tools/bench/peers/install.ts';
import { type PeerProcess, startPeer } from '../../src/tools/bench/peers/peer-process.ts';
import { openTokenizer, type TokenizerOptions } from '../../src/models/tokenizer/tokenizer.ts';
import type { TextInput } from '../../src/tasks/text-classification.ts';
import { FAMILIES, tokenizerOf } from '../fixtures/tokenizers/read.ts';
import { CONTESTED_TEXTS, HOSTILE_PAIRS, HOSTILE_TEXTS } from './hostile-texts.ts';
import { everyCharacter, randomTexts, textsOf } from './random-texts.ts';
import { widened } from './widened.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PYTHON = join(ROOT, 'test', 'peers', 'python', 'tokenizers_peer.py');

/** Texts of one request. */
const BATCH = 2_000;

type Input = readonly [text: string] | readonly [text: string, textPair: string];
type Cut = Pick<TokenizerOptions, 'maxLength' | 'truncationSide'>;

const WHOLE: Cut = { maxLength: 1_000_000, truncationSide: 'right' };
const CUTS: readonly Cut[] = [11, 12, 40].flatMap((maxLength) => [
  { maxLength, truncationSide: 'right' },
  { maxLength, truncationSide: 'left' },
]);

let peer: PeerProcess;
beforeAll(async () => {
  peer = startPeer(await installPythonPeers(ROOT, 'python'), [PYTHON]);
});
afterAll(() => peer.stop());

const toInput = ([text, textPair]: Input): TextInput => (textPair === undefined ? text : { text, textPair });

/** The inputs whose ids or types are not those of the Rust tokenizers, with both. */
const differences = async (tokenizer: object, inputs: readonly Input[], cut = WHOLE) => {
  const ours = await openTokenizer('tokenizer.json', { tokenizer, tokenTypes: 3, ...cut });
  await peer.ask({ do: 'load', tokenizer: JSON.stringify(tokenizer) });
  const found: object[] = [];
  for (let start = 0; start < inputs.length; start += BATCH) {
    const batch = inputs.slice(start, start + BATCH);
    const { maxLength, truncationSide: side } = cut;
    const theirs = await peer.ask<Record<'ids' | 'types', number[][]>>({
      do: 'encode',
      inputs: batch,
      maxLength,
      side,
    });
    for (const [index, input] of batch.entries()) {
      const { ids, types } = ours.encode(toInput(input));
      const said = [[...ids], [...(types ?? ids.map(() => 0))]];
      // Where there is no token at all there is one of ours, to have something to run on.
      const expected = [theirs.ids[index], theirs.types[index]].map((all) => (all?.length === 0 ? [0] : all));
      if (JSON.stringify(said) !== JSON.stringify(expected))
        found.push({ input, ours: said, theirs: expected });
    }
  }
  return found.slice(0, 10);
};

const singles = (texts: readonly string[]): readonly Input[] => texts.map((text) => [text]);
const inPairs = (texts: readonly string[]): readonly Input[] =>
  texts.flatMap((text, index): Input[] => (index % 2 === 0 ? [[text, texts[index + 1] || 'card']] : []));

const characters = everyCharacter();
const known = characters.filter((character) => character !== '\0');

describe.each(FAMILIES)(
  'the tokenizer of the family %s has the ids and types of Rust tokenizers',
  (family) => {
    const tokenizer = tokenizerOf(family);
    const wide = widened(tokenizer, known);

    it('on hostile texts', async () => {
      const texts = [...HOSTILE_TEXTS, ...CONTESTED_TEXTS];
      expect(await differences(tokenizer, singles(texts))).toEqual([]);
      expect(await differences(wide, singles(texts))).toEqual([]);
    });

    it('on 50,000 random texts, with all characters known and with few', async () => {
      expect(await differences(wide, singles(randomTexts(50_000, 1)))).toEqual([]);
      expect(await differences(tokenizer, singles(randomTexts(10_000, 2)))).toEqual([]);
    });

    it('on every character', async () => {
      expect(await differences(wide, singles(textsOf(characters, 64)))).toEqual([]);
    });

    it('on texts and pairs that are cut on either side', async () => {
      const texts = randomTexts(1_000, 3);
      for (const cut of CUTS) {
        const inputs = [
          ...singles(texts),
          ...inPairs(texts),
          ...HOSTILE_PAIRS.filter(([, other]) => other !== ''),
        ];
        expect(await differences(tokenizer, inputs, cut)).toEqual([]);
      }
    });
  },
);
