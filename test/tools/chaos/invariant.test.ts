import fc from 'fast-check';
import { startEmulatedWorlds } from '../../../src/tools/chaos/histories/emulated-world.ts';
import { checkInvariant } from '../../../src/tools/chaos/histories/invariant.ts';
import { scenarios } from '../../../src/tools/chaos/histories/scenario.ts';
import { memoryWorld } from '../../../src/tools/chaos/histories/world.ts';

/**
 * Whatever history and whatever faults: every surviving item bears the label of its text, no deleted item is back, every
 * record has one final outcome, every reject is stored once, every label is forwarded, no shard is stuck. `npm run chaos` runs the same for long.
 */
describe('whatever the stream does', () => {
  it('the invariant holds, in memory', async () => {
    const property = fc.asyncProperty(scenarios(), (scenario) => checkInvariant(scenario, memoryWorld));
    await fc.assert(property, { numRuns: 500 });
  }, 60_000);

  it('the invariant holds while the table is relabelled, by any version, over no fresher label', async () => {
    const kinds = scenarios({ relabel: true });
    const property = fc.asyncProperty(kinds, (scenario) => checkInvariant(scenario, memoryWorld));
    await fc.assert(property, { numRuns: 300, endOnFailure: true });
  }, 60_000);

  it('the label of every surviving item is forwarded, and no write of a label', async () => {
    const kinds = scenarios({ forwards: 'always', stores: ['update-item', 'partiql'] });
    const property = fc.asyncProperty(kinds, (scenario) => checkInvariant(scenario, memoryWorld));
    await fc.assert(property, { numRuns: 200 });
  }, 60_000);

  it('the invariant holds, through the SDK and a proxy that breaks its calls', async () => {
    const { makeWorld, stop } = await startEmulatedWorlds();
    try {
      // The embedded DynamoDB has no PartiQL, and does not say whether an item has its label already.
      const kinds = scenarios({ stores: ['update-item', 'labels-table'], forwards: 'never' });
      const property = fc.asyncProperty(kinds, (scenario) => checkInvariant(scenario, makeWorld));
      await fc.assert(property, { numRuns: 30, endOnFailure: true });
    } finally {
      await stop();
    }
  }, 60_000);
});
