import fc from 'fast-check';
import { thinned } from '../../../src/tools/ingest/thinned.ts';

it('keeps the first of a list and evenly more, never more than it may', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2_000 }), fc.integer({ min: 2, max: 50 }), (count, most) => {
      const { add, entries } = thinned<number>(most);
      for (let number = 0; number < count; number += 1) {
        add(number);
        expect(entries().length).toBeLessThanOrEqual(most);
      }
      const kept = entries();
      expect(kept.every(({ index, entry }) => index === entry)).toBe(true);
      const stride = (kept[1]?.index ?? 1) - (kept[0]?.index ?? 0);
      expect(kept.map(({ index }) => index)).toEqual(kept.map((_, place) => place * stride));
      expect(kept.length).toBe(Math.ceil(count / stride));
    }),
  );
});
