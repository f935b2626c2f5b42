import { sha256 } from '../../pipeline/content.ts';
import { itemName } from '../../pipeline/attributes.ts';
import { labelNames } from '../../pipeline/label-names.ts';
import type { Model } from '../../pipeline/model.ts';
import type { Item } from '../../stores/batch-write.ts';
import { contentKey } from '../../stores/labels-table.ts';
import { type Played, play, type RecordOrigin } from './play.ts';
import type { Scenario, StoreName } from './scenario.ts';
import { MAX_TEXT_CHARACTERS } from './toy-function.ts';
import { toyLabel, toysOf, UNSCORABLE } from './toy-models.ts';
import type { MakeWorld, World } from './world.ts';

/** What there is to label in an item and by which models; undefined where no model takes it. */
const labellable = (item: Item): { readonly text: string; readonly models: readonly Model[] } | undefined => {
  const text = item.text?.S;
  // Nothing to label is no poison.
  if (Object.keys(item).every((name) => name !== 'text')) return { text: '', models: [] };
  const models = toysOf(item.model_type?.S?.split(','));
  const refused = text === undefined || text === UNSCORABLE || text.length > MAX_TEXT_CHARACTERS;
  return refused || models === undefined ? undefined : { text, models };
};

/** A label as a reader finds it. */
type FoundLabel = Readonly<Record<'label' | 'hash' | 'model', string | undefined>>;

const labelAt = (item: Item, prefix: string): FoundLabel => {
  const { label, hash, model } = labelNames(prefix);
  return { label: item[label]?.S, hash: item[hash]?.S, model: item[model]?.S };
};

/** The label of a model that a reader finds for an item. */
const labelReader = async (
  store: StoreName,
  world: World,
): Promise<(item: Item, text: string, model: Model) => FoundLabel> => {
  if (store !== 'labels-table') return (item, _, { attribute }) => labelAt(item, attribute);
  const labels = await world.items('labels');
  const found = new Map(labels.map((label) => [`${label.item?.S} ${label.content?.S}`, label]));
  return (item, text, { id }) => {
    const name = itemName(world.tables.documents, { id: { S: item.id?.S ?? '' } });
    return labelAt(found.get(`${name} ${contentKey(id, sha256(text))}`) ?? {}, 'label');
  };
};

/** Every item that should be there is, with the labels of its text and its models; and no other. */
const checkItems = async ({ world, expected }: Played, store: StoreName): Promise<readonly string[]> => {
  const items = await world.items('documents');
  const labelOf = await labelReader(store, world);
  const present = new Set(items.map(({ id }) => id?.S));
  const missing = [...expected.keys()].filter((id) => !present.has(id));
  return [
    ...missing.map((id) => `item ${id} is gone`),
    ...items.flatMap((item) => {
      const id = item.id?.S ?? '';
      const should = expected.get(id);
      if (should === undefined) return [`item ${id} is back`];
      if (JSON.stringify(item.text) !== JSON.stringify(should.text)) return [`the text of ${id} was changed`];
      if (JSON.stringify(item.model_type) !== JSON.stringify(should.model_type))
        return [`the models of ${id} were changed`];
      const { text = '', models = [] } = labellable(item) ?? {};
      return models.flatMap((model) => {
        const { label, hash, model: by } = labelOf(item, text, model);
        if (label === undefined) return [`lost: item ${id} has no label of ${model.id}`];
        const right = label === toyLabel(text, model) && hash === sha256(text) && by === model.id;
        return right ? [] : [`wrong: the label of ${id} is not that of its text by ${model.id}`];
      });
    }),
  ];
};

/** The outcomes under which the mapping was done with a record: one, and not a failure. */
const finalOutcomes = ({ records, settledBy }: Played): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...records.keys()].map((number) => {
      const invocations = settledBy.get(number) ?? [];
      const outcomes = invocations.map(
        ({ sequenceNumbers, outcomes: all }) => all[sequenceNumbers.indexOf(number)] ?? 'none',
      );
      return [number, outcomes];
    }),
  );

const isPoison = (origin: RecordOrigin): boolean =>
  origin.kind === 'noise' ||
  (origin.write.after !== undefined && labellable(origin.write.after) === undefined);

/** One outcome per record; every reject stored once, and nothing but poison rejected. */
const checkRecords = async (played: Played): Promise<readonly string[]> => {
  const final = finalOutcomes(played);
  const rejects = await played.world.items('rejects');
  const stored = new Map<string, number>();
  for (const { sequence_number } of rejects) {
    const number = sequence_number?.S ?? '';
    stored.set(number, (stored.get(number) ?? 0) + 1);
  }
  return [
    ...(played.discarded > 0 ? [`${played.discarded} records went to OnFailure`] : []),
    ...[...final].flatMap(([number, outcomes]) => {
      const [outcome = 'none'] = outcomes;
      const faults: string[] = [];
      if (outcomes.length !== 1 || outcome === 'failed' || outcome === 'none')
        faults.push(`record ${number} ended in [${outcomes.join(', ')}]`);
      if (outcome === 'rejected' && stored.get(number) !== 1)
        faults.push(`the reject of ${number} is stored ${stored.get(number) ?? 0} times`);
      return faults;
    }),
    ...[...stored.keys()].flatMap((number) => {
      const origin = played.records.get(number);
      return origin && isPoison(origin) ? [] : [`record ${number} is no poison, but among the rejects`];
    }),
  ];
};

/**
 * Poison is never passed over: data that nobody can read were rejected, at least one of their copies, and so was the
 * change that made an item one that no model takes, unless the item has changed since.
 */
const checkPoison = (played: Played): readonly string[] => {
  const { records } = played;
  const rejected = new Set(
    [...finalOutcomes(played)].flatMap(([number, [outcome]]) =>
      outcome === 'rejected' ? [records.get(number)?.version] : [],
    ),
  );
  const last = new Map<string, RecordOrigin>();
  for (const origin of records.values()) {
    const name = origin.kind === 'noise' ? `noise ${origin.version}` : `item ${origin.write.keys.id?.S}`;
    if ((last.get(name)?.version ?? -1) <= origin.version) last.set(name, origin);
  }
  return [...last].flatMap(([name, origin]) =>
    isPoison(origin) && !rejected.has(origin.version) ? [`${name} is poison, but was not rejected`] : [],
  );
};

/**
 * The promise of the design, for one scenario: once the stream is drained, every surviving item bears the label of its
 * text by each model it asks for, no deleted item is back, every record has exactly one final outcome, every reject is stored once, and no shard
 * was stuck.
 *
 * @throws Error that lists what is broken
 */
export const checkInvariant = async (scenario: Scenario, makeWorld: MakeWorld): Promise<void> => {
  const played = await play(scenario, makeWorld);
  const broken = [
    ...(await checkItems(played, scenario.store)),
    ...(await checkRecords(played)),
    ...checkPoison(played),
  ];
  if (broken.length > 0) throw new Error(broken.join('; '));
};
