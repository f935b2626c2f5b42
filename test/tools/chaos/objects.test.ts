import fc from 'fast-check';
import { emulatedObjectWorld } from '../../../src/tools/chaos/objects/object-world.ts';
import { checkObjects } from '../../../src/tools/chaos/objects/objects-invariant.ts';
import { objectScenarios } from '../../../src/tools/chaos/objects/scenario.ts';

/**
 * Whatever happens to objects, their events and the calls about them: outputs are those of a quiet run, to the byte.
 * `npm run chaos -- --objects` plays the same for long.
 */
describe('the outputs of objects are those of a quiet run, whatever happens', () => {
  it('in memory', async () => {
    await fc.assert(
      fc.asyncProperty(objectScenarios(), (scenario) => checkObjects(scenario)),
      { numRuns: 100 },
    );
  }, 60_000);

  it('in an S3 that fails and breaks connections, through the SDK', async () => {
    const property = fc.asyncProperty(objectScenarios(), (scenario) =>
      checkObjects(scenario, emulatedObjectWorld),
    );
    await fc.assert(property, { numRuns: 10, endOnFailure: true });
  }, 60_000);
});
