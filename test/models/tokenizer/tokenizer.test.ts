import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  openTokenizer,
  type TextTokenizer,
  type TokenizerOptions,
} from '../../../src/models/tokenizer/tokenizer.ts';
import { anyCharacter } from '../../../src/tools/chaos/hostile/any-character.ts';
import * as families from '../../fixtures/tokenizers/read.ts';
import { CONTESTED_TEXTS, HOSTILE_PAIRS, HOSTILE_TEXTS } from '../../peers/hostile-texts.ts';
import { expectedOf, type FixtureName, FIXTURES } from '../../support/transformers.ts';

const open = (name: FixtureName, tokenTypes: number, change: object = {}): Promise<TextTokenizer> => {
  const read = (file: string): object => JSON.parse(readFileSync(join(FIXTURES, name, '1', file), 'utf8'));
  return openTokenizer('tokenizer.json', {
    tokenizer: { ...read('tokenizer.json'), ...change },
    maxLength: 32,
    truncationSide: 'right',
    tokenTypes,
  });
};

describe.each([
  ['bert', 2],
  ['roberta', 1],
] as const)('the tokenizer of the tiny %s', (name, tokenTypes) => {
  it('gives the tokens and types that the Rust tokenizers gave, of hostile texts and pairs too', async () => {
    const tokenizer = await open(name, tokenTypes);
    for (const { input, ids, types, truncated } of expectedOf(name)) {
      const encoding = tokenizer.encode(input);
      expect([...encoding.ids]).toEqual(ids);
      expect([...(encoding.types ?? ids.map(() => 0))]).toEqual(types);
      expect(encoding.truncated).toBe(truncated);
    }
  });
});

/** The part of a family's tokenizer.json changed. */
const openFamily = (
  family: string,
  change: object = {},
  options: Partial<TokenizerOptions> = {},
): Promise<TextTokenizer> =>
  openTokenizer('tokenizer.json', {
    tokenizer: { ...families.tokenizerOf(family), ...change },
    maxLength: 48,
    truncationSide: 'right',
    tokenTypes: 3,
    ...options,
  });

describe.each(families.FAMILIES)('a small tokenizer of the family %s', (family) => {
  const texts = [...HOSTILE_TEXTS, ...CONTESTED_TEXTS];
  const { right, left, pairs, leftPairs } = families.expectedOf(family);
  /** Where there is no token at all there is one of ours, to have something to run on. */
  const something = (ids: readonly number[]): readonly number[] => (ids.length === 0 ? [0] : ids);

  it.each([
    ['right', right, pairs],
    ['left', left.map((ids, index) => ids ?? right[index] ?? []), leftPairs],
  ] as const)(
    'gives what the Rust tokenizers gave of hostile texts and pairs, cut on the %s',
    async (truncationSide, expected, expectedPairs) => {
      const tokenizer = await openFamily(family, {}, { truncationSide });
      expect(texts.map((text) => [...tokenizer.encode(text).ids])).toEqual(expected.map(something));
      const said = HOSTILE_PAIRS.map(([text, textPair]) => {
        const { ids, types } = tokenizer.encode({ text, textPair });
        return [[...ids], [...(types ?? ids.map(() => 0))]];
      });
      expect(said).toEqual(expectedPairs);
    },
  );
});

describe('a byte-level tokenizer', () => {
  it('loses nothing of any text: its tokens spell the bytes', async () => {
    const { model } = families.tokenizerOf('roberta') as { model: { vocab: Record<string, number> } };
    const pieces = new Map(Object.entries(model.vocab).map(([piece, id]) => [id, piece]));
    // The characters that stand for bytes, in the bytes' order, as GPT-2 has them.
    const seen = (byte: number): boolean =>
      (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte < 0x100 && byte !== 0xad);
    const bytes = Array.from({ length: 256 }, (_, byte) => byte);
    const unseen = bytes.filter((byte) => !seen(byte));
    const byteOf = new Map([
      ...bytes.filter(seen).map((byte) => [String.fromCharCode(byte), byte] as const),
      ...unseen.map((byte, index) => [String.fromCharCode(0x100 + index), byte] as const),
    ]);
    const tokenizer = await openFamily(
      'roberta',
      { post_processor: null, added_tokens: [] },
      { maxLength: 1e6 },
    );
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, minLength: 1, maxLength: 60 }), (text) => {
        const spelt = Array.from(tokenizer.encode(text).ids, (id) => pieces.get(id) ?? '').join('');
        const decoded = Buffer.from(Array.from(spelt, (character) => byteOf.get(character) ?? -1)).toString();
        expect(decoded).toBe(text);
      }),
    );
  });
});

describe('a tokenizer that remembers words', () => {
  it.each(['roberta', 'herbert', 'xlm-roberta', 'llama'])(
    'of the family %s gives a text the same tokens whatever came before',
    async (family) => {
      const [used, fresh] = [await openFamily(family), await openFamily(family)];
      const said = (tokenizer: TextTokenizer, text: string) => [...tokenizer.encode(text).ids];
      const before = HOSTILE_TEXTS.map((text) => said(used, text));
      expect(HOSTILE_TEXTS.map((text) => said(used, text))).toEqual(before);
      expect(HOSTILE_TEXTS.toReversed().map((text) => said(fresh, text))).toEqual(before.toReversed());
    },
  );
});

describe('a text of 150,000 characters', () => {
  it.each(['bert-cased', 'xlm-roberta', 'bytes-for-unknown', 'herbert'])(
    'has tokens of the family %s, even if it is one word, unknown or space',
    async (family) => {
      const tokenizer = await openFamily(family, {}, { maxLength: 1e6 });
      for (const character of ['x', ' ', '\ue000', '卡']) {
        const { ids } = tokenizer.encode(character.repeat(150_000));
        expect(ids.length).toBeGreaterThan(0);
        expect(ids.every((id) => id >= 0)).toBe(true);
      }
    },
  );
});

describe('a tokenizer that cannot be used', () => {
  const modelOf = (family: string): object => (families.tokenizerOf(family) as { model: object }).model;

  it.each([
    ['normalizer', 'bert-cased', { normalizer: { type: 'Emoji' } }, 'its normalizer Emoji is not supported'],
    [
      'pre-tokenizer',
      'bert-cased',
      { pre_tokenizer: { type: 'UnicodeScripts' } },
      'its pre-tokenizer UnicodeScripts is not supported',
    ],
    [
      'post-processor',
      'bert-cased',
      { post_processor: { type: 'Twice' } },
      'its post-processor Twice is not supported',
    ],
    [
      'map of characters',
      'bert-cased',
      { normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAEAAAA=' } },
      'precompiled_charsmap is cut off',
    ],
    [
      'token for what is unknown in WordPiece',
      'bert-cased',
      { model: { ...modelOf('bert-cased'), unk_token: '[WHAT]' } },
      'unk_token [WHAT] is not in the vocabulary',
    ],
    [
      'piece for what is unknown in Unigram',
      'xlm-roberta',
      { model: { ...modelOf('xlm-roberta'), unk_id: null } },
      'unk_id should be the index of a piece',
    ],
    [
      'merge',
      'herbert',
      { model: { ...modelOf('herbert'), merges: [['ca', 'xyzzy']] } },
      'merge 1 is of tokens that are not in the vocabulary',
    ],
  ])('for its %s says so', async (_, family, change, reason) => {
    await expect(openFamily(family, change)).rejects.toMatchObject({
      name: 'ModelError',
      message: `tokenizer.json has a tokenizer that cannot be used: ${reason}`,
    });
  });
});

describe('a tokenizer that adds no special tokens', () => {
  it.each([
    ['has no post-processor', null],
    ['has one that knows single texts only', { type: 'ByteLevel' }],
  ])('if it %s, puts the texts of a pair behind each other', async (_, processor) => {
    const tokenizer = await open('bert', 2, { post_processor: processor });
    const [first, second] = ['my card', 'cash'].map((text) => [...tokenizer.encode(text).ids]);
    const pair = tokenizer.encode({ text: 'my card', textPair: 'cash' });
    expect([...pair.ids]).toEqual([...(first ?? []), ...(second ?? [])]);
    expect(second).toHaveLength(1);
    expect([...(pair.types ?? [])]).toEqual([0, 0, 1]);
  });

  it('gives one token for a text without any, so that there is something to run on', async () => {
    const tokenizer = await open('bert', 2, { post_processor: null });
    expect(tokenizer.encode('').ids).toHaveLength(1);
  });
});
