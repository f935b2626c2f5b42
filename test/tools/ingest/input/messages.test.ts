import fc from 'fast-check';
import { InputError } from '../../../../src/tools/ingest/input/input-error.ts';
import { CLOSINGS, OPENINGS } from '../../../../src/tools/ingest/input/message-slots.ts';
import { TEMPLATES } from '../../../../src/tools/ingest/input/message-templates.ts';
import { CAPACITY, generateMessages } from '../../../../src/tools/ingest/input/messages.ts';
import { permutation } from '../../../../src/tools/ingest/input/permutation.ts';

const first = (count: number, seed: number): string[] => [...generateMessages({ seed, count })];

describe('generated messages', () => {
  test('50,000 by default, all distinct, of 20 to 200 characters, as long as real ones', () => {
    const texts = [...generateMessages()];
    const lengths = texts.map((text) => text.length);
    expect(texts).toHaveLength(50_000);
    expect(new Set(texts).size).toBe(50_000);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(200);
    const average = lengths.reduce((sum, length) => sum + length, 0) / texts.length;
    expect(average).toBeGreaterThan(50);
    expect(average).toBeLessThan(70);
  });

  test('distinct, the same for the same seed, of any number', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.integer({ min: 0, max: 3_000 }),
        (seed, count) => {
          const texts = first(count, seed);
          expect(new Set(texts).size).toBe(count);
          expect(first(count, seed)).toEqual(texts);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('a smaller count gives the beginning of a larger one', () => {
    expect(first(100, 7)).toEqual(first(1_000, 7).slice(0, 100));
  });

  test('other seeds give other messages', () => {
    const one = new Set(first(1_000, 1));
    expect(first(1_000, 2).filter((text) => one.has(text)).length).toBeLessThan(100);
  });

  test('some are hurried, some are greeted, no slot is left open', () => {
    const texts = first(2_000, 1);
    expect(texts.filter((text) => /^[a-z]/.test(text)).length / texts.length).toBeCloseTo(0.15, 1);
    expect(texts.some((text) => text.startsWith('Hello. '))).toBe(true);
    expect(texts.filter((text) => /[{}[\]|]|undefined/.test(text))).toEqual([]);
  });

  test.each([CAPACITY + 1, -1, 1.5, Number.NaN])(
    'a count of %d fails at once and names the limit',
    (count) => {
      expect(() => generateMessages({ count })).toThrow(InputError);
      expect(() => generateMessages({ count })).toThrow(String(CAPACITY));
    },
  );
});

describe('what makes messages distinct', () => {
  const templates = Object.values(TEMPLATES).flat();

  test('many topics, each template begins with a capital or a slot and ends with punctuation', () => {
    expect(Object.keys(TEMPLATES).length).toBeGreaterThanOrEqual(30);
    expect(new Set(templates).size).toBe(templates.length);
    for (const template of templates)
      expect(template).toMatch(/^(\[?[A-Z]|\{(merchant|person|device)\}).*[.?!]$/);
  });

  test('openings are a prefix code, closings a suffix code', () => {
    const others = (all: readonly string[], one: string) => all.filter((other) => other !== one);
    for (const opening of OPENINGS) {
      expect([...others(OPENINGS, opening), ...templates].filter((text) => text.startsWith(opening))).toEqual(
        [],
      );
    }
    for (const closing of CLOSINGS) {
      expect([...others(CLOSINGS, closing), ...templates].filter((text) => text.endsWith(closing))).toEqual(
        [],
      );
    }
  });

  test('a permutation gives each index once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3_000 }),
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        (size, seed) => {
          const images = Array.from({ length: size }, (_, index) => index).map(permutation(size, seed));
          expect(images.toSorted((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, index) => index));
        },
      ),
    );
  });

  test('a permutation of 2 ** 32 stays inside', () => {
    const image = permutation(2 ** 32, 1);
    const images = [0, 1, 2 ** 31, 2 ** 32 - 1].map(image);
    expect(new Set(images).size).toBe(4);
    for (const value of images) expect(value >= 0 && value < 2 ** 32 && Number.isInteger(value)).toBe(true);
  });
});
