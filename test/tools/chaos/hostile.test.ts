import fc from 'fast-check';
import { checkHostile, HOSTILE_TABLE } from '../../../src/tools/chaos/hostile/check-hostile.ts';
import { hostileData } from '../../../src/tools/chaos/hostile/hostile-records.ts';
import { LABEL_STORES } from '../../../src/stores/label-stores.ts';

/** `npm run fuzz` runs the same for long. */
describe('hostile records', () => {
  it('do no harm: each ends in one outcome, rejects are stored, and nothing tells what they hold', async () => {
    const batches = fc.array(hostileData(HOSTILE_TABLE), { minLength: 1, maxLength: 20, size: 'max' });
    await fc.assert(fc.asyncProperty(batches, fc.constantFrom(...LABEL_STORES), checkHostile), {
      numRuns: 150,
    });
  }, 60_000);
});
