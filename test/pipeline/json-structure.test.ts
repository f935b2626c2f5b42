import fc from 'fast-check';
import { excessOf } from '../../src/pipeline/json-structure.ts';

const sizeOf = (value: unknown): { readonly levels: number; readonly values: number } => {
  if (typeof value !== 'object' || value === null) return { levels: 0, values: 1 };
  const sizes = Object.values(value).map(sizeOf);
  return {
    levels: 1 + Math.max(0, ...sizes.map(({ levels }) => levels)),
    // An empty list is a value, and so would be one that is within it.
    values:
      1 +
      Math.max(
        1,
        sizes.reduce((sum, { values }) => sum + values, 0),
      ),
  };
};

describe('the limits of a JSON text', () => {
  it('are passed by one level or one value more, whatever is in its strings', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat({ max: 3 }), (value, indent) => {
        const { levels, values } = sizeOf(value);
        const json = JSON.stringify(value, null, indent);
        expect(excessOf(json, { levels, values })).toBeUndefined();
        if (levels === 0) return;
        expect(excessOf(json, { levels: levels - 1, values })).toBe('levels');
        expect(excessOf(json, { levels, values: values - 1 })).toBe('values');
      }),
    );
  });
});
