import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTokenizer, type TextTokenizer } from '../../src/models/tokenizer.ts';
import { expectedOf, type FixtureName, FIXTURES } from '../support/transformers.ts';

const open = (name: FixtureName, tokenTypes: number, change: object = {}): Promise<TextTokenizer> => {
  const read = (file: string): object => JSON.parse(readFileSync(join(FIXTURES, name, '1', file), 'utf8'));
  return openTokenizer('tokenizer.json', {
    tokenizer: { ...read('tokenizer.json'), ...change },
    config: read('tokenizer_config.json'),
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
