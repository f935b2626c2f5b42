import fc from 'fast-check';
import { checkObjects } from '../../../src/tools/chaos/objects/objects-invariant.ts';
import { objectScenarios } from '../../../src/tools/chaos/objects/scenario.ts';

/**
 * Whatever happens to objects, their events and the calls about them: outputs are those of a quiet run, to the byte.
 * `npm run chaos -- --objects` plays the same for long.
 */
it('the outputs of objects are those of a quiet run, whatever happens', async () => {
  await fc.assert(fc.asyncProperty(objectScenarios(), checkObjects), { numRuns: 100 });
}, 60_000);
