import fc from 'fast-check';
import { openTokenizer, type TextTokenizer } from '../../../../src/models/tokenizer/tokenizer.ts';
import {
  ALIGNED,
  ALIGNED_TEXTS,
  alignedTokenizerOf,
  inCodePoints,
  placesOf,
} from '../../../fixtures/tokenizers/aligned.ts';
import { tokenizerOf } from '../../../fixtures/tokenizers/read.ts';

const open = (tokenizer: object): Promise<TextTokenizer> =>
  openTokenizer('tokenizer.json', {
    tokenizer: { ...tokenizer },
    maxLength: 1e6,
    truncationSide: 'right',
    tokenTypes: 3,
  });

/** A text of anything, and of what tokenizers treat apart. */
const texts = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.constantFrom(
        'card ',
        'Zoë',
        'ΟΔΟΣ',
        '卡',
        '💳',
        '[SEP]',
        '</s>',
        ' <mask>',
        'e\u0301\u0323',
        '\u0344',
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

describe.each(ALIGNED)('the tokens of %s', (name) => {
  it('have the ids, places and words that the Rust tokenizers gave of hostile texts', async () => {
    const tokenizer = await open(alignedTokenizerOf(name));
    const said = ALIGNED_TEXTS.map((text) => inCodePoints(text, tokenizer.tokensOf(text)));
    expect(said).toEqual(placesOf(name));
  });

  it('have the ids of any text without places, and are in order within it', async () => {
    const tokenizer = await open(alignedTokenizerOf(name));
    const bare = await open({ ...alignedTokenizerOf(name), post_processor: null });
    fc.assert(
      fc.property(texts, (text) => {
        const { ids, starts, ends } = tokenizer.tokensOf(text);
        if (ids.length > 0) expect(ids).toEqual([...bare.encode(text).ids]);
        let last = 0;
        for (const [index, start] of starts.entries()) {
          const end = ends[index] ?? -1;
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThanOrEqual(Math.max(start, last));
          expect(end).toBeLessThanOrEqual(text.length);
          last = end;
        }
      }),
    );
  });
});

describe('the token of a span', () => {
  it('is what the span gives by itself: whole words of any text, tokenized alone, are the same tokens', async () => {
    const tokenizer = await open(alignedTokenizerOf('bert-cased'));
    fc.assert(
      fc.property(texts, (text) => {
        const { ids, starts, ends, words } = tokenizer.tokensOf(text);
        for (const word of new Set(words)) {
          const [first, last] = [words.indexOf(word), words.lastIndexOf(word)];
          const alone = tokenizer.tokensOf(text.slice(starts[first], ends[last]));
          expect(alone.ids).toEqual(ids.slice(first, last + 1));
        }
      }),
    );
  });
});

// As the Rust tokenizers have it: one space before a text may be one that was added, more are the text's own.
it.each([
  ['\u00a0<mask> a', [0, 8]],
  ['     <mask>a', [5, 11]],
  ['\u3000 <mask> a', [2, 9]],
])('the first token of %j keeps a single space, and no other', async (text, starts) => {
  expect((await open(alignedTokenizerOf('mpnet'))).tokensOf(text).starts).toEqual(starts);
});

describe('a tokenizer whose tokens have no known place', () => {
  it.each([
    ['xlm-roberta', /of type Unigram \(normalizer .*, pre-tokenizer .*\).*WordPiece.*RoBERTa/],
    ['herbert', /of type BPE \(normalizer BertNormalizer, pre-tokenizer BertPreTokenizer\)/],
    ['modernbert', /of type BPE \(normalizer NFC, pre-tokenizer ByteLevel\)/],
  ])('of the family %s says so, and which have one', async (family, message) => {
    const tokenizer = await open(tokenizerOf(family));
    expect(() => tokenizer.tokensOf('card')).toThrow(
      expect.objectContaining({ name: 'ConfigError', message: expect.stringMatching(message) as string }),
    );
  });
});

it('a text that its tokens do not spell is refused, without quoting it', async () => {
  const { model, ...parts } = alignedTokenizerOf('roberta') as { model: { vocab: Record<string, number> } };
  const { q: _, ...vocab } = model.vocab;
  const tokenizer = await open({ ...parts, model: { ...model, vocab, merges: [] } });
  expect(() => tokenizer.tokensOf('say q')).toThrow(
    expect.objectContaining({
      name: 'PermanentError',
      code: 'bad-text',
      message: expect.stringContaining('from the character at index 3 ') as string,
    }),
  );
});

it('a context of 100,000 characters has places, whatever it is of', async () => {
  const tokenizers = [
    await open(alignedTokenizerOf('bert-uncased')),
    await open(alignedTokenizerOf('roberta')),
  ];
  for (const unit of ['x', ' ', 'Zoë e\u0301 💳 ', '卡', '[SEP]']) {
    const text = unit.repeat(Math.ceil(100_000 / unit.length));
    for (const tokenizer of tokenizers) {
      const { ids, ends } = tokenizer.tokensOf(text);
      expect(ids.length).toBe(ends.length);
      expect(Math.max(0, ends.at(-1) ?? 0)).toBeLessThanOrEqual(text.length);
    }
  }
});
