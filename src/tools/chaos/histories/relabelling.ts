import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AttributeMap } from '../../../dynamodb-json/attributes.ts';
import { ENDS, type RelabelCounts, STATES } from '../../../pipeline/relabel/counts.ts';
import { onlyModel } from '../../../pipeline/relabel/only-model.ts';
import { relabelItems, type RelabelParts } from '../../../pipeline/relabel/relabel-items.ts';
import type { Where } from '../../../pipeline/relabel/survey.ts';
import type { Item } from '../../../stores/dynamodb/batch-write.ts';
import { contentKey, itemKey } from '../../../stores/labels-table.ts';
import { labelNames } from '../../../tasks/label-names.ts';
import { chunks } from '../../chunks.ts';
import { type NextFault, plannedFaults } from '../faults.ts';
import type { ItemWrite } from './memory-table.ts';
import type { LabelStoreName } from '../../../stores/label-stores.ts';
import { openSession } from './session.ts';
import { toyLabels, toySettings } from './toy-settings.ts';
import type { Relabelling, RelabelRound } from './scenario.ts';
import { TOY, toyModels, VERSIONS } from './toy-models.ts';
import type { World } from './world.ts';

/** What a relabel has read: the label of each item, by its id. */
export type Seen = ReadonlyMap<string, string>;

/** The label of an item, to be compared. */
const labelText = (item: Item): string => {
  const { label, model, hash } = labelNames(TOY.attribute);
  return JSON.stringify([item[label], item[model], item[hash]]);
};

/** Why a write of a relabel breaks the promise: it replaces a label that came after it had read the item, or there is none. */
export const overwritten = ({ keys, before }: ItemWrite, seen: Seen): readonly string[] => {
  const id = String(keys.id?.S);
  if (before === undefined) return [`a relabel brought item ${id} back`];
  const isLabelled = before[labelNames(TOY.attribute).label] !== undefined;
  return isLabelled && labelText(before) !== seen.get(id)
    ? [`a relabel replaced the label of ${id}, which came since`]
    : [];
};

const faultsOf = (counts: RelabelCounts): readonly string[] => {
  const total = (keys: readonly (keyof RelabelCounts)[]): number =>
    keys.reduce((sum, key) => sum + counts[key], 0);
  const isWhole = total(STATES) === counts.examined && total(ENDS) === counts.chosen;
  return isWhole ? [] : [`a relabel does not account for every item: ${JSON.stringify(counts)}`];
};

/** Plays the rounds of a relabel beside the history. */
export const relabelRounds = (
  { version, where, rounds, faults }: Relabelling,
  store: LabelStoreName,
  chunkSize: number,
  world: World,
) => {
  const models = onlyModel(toyModels(), VERSIONS[version]);
  const nextFault = plannedFaults(faults);
  const underWay = new Set<Promise<unknown>>();
  const snapshots = new Map<RelabelRound, Promise<readonly Item[]>>();
  const broken: string[] = [];

  const areLabelled: RelabelParts['areLabelled'] = async (documents) => {
    const rows = await world.items('labels');
    const found = new Set(rows.map((row) => `${row.item?.S} ${row.content?.S}`));
    return documents.map(({ item, hash }) =>
      found.has(`${itemKey(item.name)} ${contentKey(VERSIONS[version].id, hash)}`),
    );
  };

  const label = async (
    items: readonly Item[],
    next: NextFault,
    which: Where,
    killedAfterCalls?: number,
  ): Promise<RelabelCounts | 'dead'> => {
    const seen: Seen = new Map(items.map((item) => [String(item.id?.S), labelText(item)]));
    const send = world.sendAs({ seen }, next);
    const fate =
      killedAfterCalls === undefined
        ? ({ kind: 'fine' } as const)
        : ({ kind: 'killed', afterCalls: killedAfterCalls } as const);
    const session = openSession(fate);
    const client = { send: session.fated(send) } as unknown as DynamoDBClient;
    const work = relabelItems(items as unknown as readonly AttributeMap[], {
      models,
      labels: toyLabels(store, client, world.tables),
      settings: toySettings(store, world),
      ...{ where: which, chunkSize },
      ...(store === 'labels-table' && { areLabelled }),
    });
    const ended = await Promise.race([work, session.death]);
    if (ended === 'dead') return ended;
    broken.push(...faultsOf(ended.counts));
    return ended.counts;
  };

  const play = async (round: RelabelRound): Promise<void> => {
    const { pageSize, killedAfterCalls } = round;
    const snapshot = await snapshots.get(round);
    const ids = (snapshot ?? (await world.items('documents'))).map(({ id }) => id?.S);
    for (const page of chunks(ids, pageSize)) {
      const table = snapshot ?? (await world.items('documents'));
      const items = table.filter(({ id }) => page.includes(id?.S));
      if ((await label(items, nextFault, where, killedAfterCalls)) === 'dead') return;
    }
  };
  const begin = (round: RelabelRound): void => {
    const done = play(round);
    underWay.add(done);
    done.catch((error: unknown) => broken.push(`a relabel failed: ${String(error)}`));
  };

  return {
    broken: (): readonly string[] => broken,
    /** @param isLast whether the history has ended: then all rounds begin that have not */
    at: (step: number, isLast: boolean): void => {
      for (const round of rounds) {
        const { from, wait } = round;
        if (from === step && wait > 0) snapshots.set(round, world.items('documents'));
        if (from + wait === step || (isLast && from + wait > step)) begin(round);
      }
    },
    /** Waits for rounds that are under way. @returns whether there were any */
    settled: async (): Promise<boolean> => {
      const waited = [...underWay];
      underWay.clear();
      await Promise.allSettled(waited);
      return waited.length > 0;
    },
    /** A last one, of all items and without faults. */
    last: async (): Promise<void> => {
      const counts = await label(await world.items('documents'), () => undefined, 'all');
      if (counts !== 'dead' && counts.failed + counts.superseded > 0)
        broken.push(`a relabel of a quiet table left items: ${JSON.stringify(counts)}`);
    },
  };
};
