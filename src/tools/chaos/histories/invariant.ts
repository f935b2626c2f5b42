import { afterLast, checkItems, either, onlyItself } from './check-items.ts';
import { checkPoison, checkRecords } from './check-records.ts';
import { play } from './play.ts';
import type { Scenario } from './scenario.ts';
import { VERSIONS } from './toy-models.ts';
import type { MakeWorld } from './world.ts';
import { checkForwarded } from './forwarded.ts';

/**
 * The promise of the design, for one scenario: once the stream is drained, every surviving item has the label of its
 * text by each model that it names, an item without a valid text has none, no deleted item is back, every record has
 * exactly one final outcome, every reject is stored once, and no shard was stuck. Where labels are forwarded, that of
 * every surviving item was. After a relabel the label may be that of its version, which has replaced no label that came
 * after it had read the item; after one of a quiet table it is.
 *
 * @throws Error that lists what is broken
 */
export const checkInvariant = async (scenario: Scenario, makeWorld: MakeWorld): Promise<void> => {
  const { store, relabelling } = scenario;
  const played = await play(scenario, makeWorld);
  const version = relabelling && VERSIONS[relabelling.version];
  const { beforeLast = [] } = played;
  const items = await played.world.items('documents');
  const isExact = scenario.stamps.every((stamp) => stamp === 'MICROSECOND');
  const broken = [
    ...played.broken,
    ...(version === undefined ? [] : await checkItems(beforeLast, played, store, either(version))),
    ...(await checkItems(items, played, store, version === undefined ? onlyItself : afterLast(version))),
    ...(await checkRecords(played)),
    ...checkPoison(played),
    ...(scenario.forwards === undefined ? [] : checkForwarded(played, isExact)),
  ];
  if (broken.length > 0) throw new Error(broken.join('; '));
};
