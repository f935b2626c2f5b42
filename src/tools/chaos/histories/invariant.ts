import { itemName } from '../../../dynamodb-json/attributes.ts';
import { labelNames } from '../../../tasks/label-names.ts';
import type { Model } from '../../../tasks/model.ts';
import type { Item } from '../../../stores/dynamodb/batch-write.ts';
import { contentKey, itemKey } from '../../../stores/labels-table.ts';
import { type Expected, expectedOf } from './expected.ts';
import { checkForwarded } from './forwarded.ts';
import type { ItemWrite } from './memory-table.ts';
import { type Played, play, type RecordOrigin } from './play.ts';
import type { Scenario } from './scenario.ts';
import type { LabelStoreName } from '../../../stores/label-stores.ts';
import { toyLabel, UNSCORABLE } from './toy-models.ts';
import type { MakeWorld, World } from './world.ts';
import { must } from '../../../errors.ts';

const isRefused = (item: Item): boolean => {
  const { text, error, models } = expectedOf(item);
  return text !== undefined && (error !== undefined || models === undefined);
};

/** A label as a reader finds it. */
type FoundLabel = Readonly<Record<'label' | 'hash' | 'model' | 'error', string | undefined>>;

const labelAt = (item: Item, prefix: string): FoundLabel => {
  const { label, hash, model, error } = labelNames(prefix);
  return { label: item[label]?.S, hash: item[hash]?.S, model: item[model]?.S, error: item[error]?.S };
};

/** The label of a model that a reader finds for an item. */
const labelReader = async (
  store: LabelStoreName,
  world: World,
): Promise<(item: Item, hash: string, model: Model) => FoundLabel> => {
  if (store !== 'labels-table') return (item, _, { attribute }) => labelAt(item, attribute);
  const labels = await world.items('labels');
  const found = new Map(labels.map((label) => [`${label.item?.S} ${label.content?.S}`, label]));
  return (item, hash, { id }) => {
    const name = itemName(world.tables.documents, { id: { S: must(item.id?.S, 'id of an item') } });
    return labelAt(found.get(`${itemKey(name)} ${contentKey(id, hash)}`) ?? {}, 'label');
  };
};

/** Checks that the table has exactly the expected items, with the labels of their texts and models. */
const checkItems = async ({ world, expected }: Played, store: LabelStoreName): Promise<readonly string[]> => {
  const items = await world.items('documents');
  const labelOf = await labelReader(store, world);
  const present = new Set(items.map(({ id }) => id?.S));
  const missing = [...expected.keys()].filter((id) => !present.has(id));
  return [
    ...missing.map((id) => `item ${id} is gone`),
    ...items.flatMap((item) => {
      const id = must(item.id?.S, 'id of an item');
      const should = expected.get(id);
      if (should === undefined) return [`item ${id} is back`];
      if (JSON.stringify(item.text) !== JSON.stringify(should.text)) return [`the text of ${id} was changed`];
      if (JSON.stringify(item.model_type) !== JSON.stringify(should.model_type))
        return [`the models of ${id} were changed`];
      const own = expectedOf(item);
      // Readers query a labels table by the text's hash: without a text, nothing is queried.
      if (own.text === undefined && store === 'labels-table') return [];
      return (own.models ?? []).flatMap((model) =>
        faultOf(labelOf(item, own.hash, model), own, model).map(
          (fault) => `${fault}: item ${id}, ${model.id}`,
        ),
      );
    }),
  ];
};

/** The faults under a model's prefix. */
const faultOf = (found: FoundLabel, { text, hash, error }: Expected, model: Model): readonly string[] => {
  if (text === undefined)
    return Object.values(found).every((value) => value === undefined) ? [] : ['a label of no text'];
  if (error !== undefined) {
    if (found.label !== undefined) return ['a label of a text that no model takes'];
    return found.error === error && found.model === model.id ? [] : [`error ${found.error}, not ${error}`];
  }
  if (found.label === undefined) return ['lost: no label'];
  const isRight = found.label === toyLabel(text, model) && found.hash === hash && found.model === model.id;
  return isRight && found.error === undefined ? [] : ['wrong: the label is not that of the text'];
};

/** Checks the outcomes with which the mapping completed a record: exactly one, and not a failure. */
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

/** Unreadable data, or a change that gave an item a text that no model accepts. */
const isPoison = (origin: RecordOrigin): boolean => {
  if (origin.kind === 'noise') return true;
  if (origin.kind === 'plain') return typeof origin.text === 'number' || origin.text === UNSCORABLE;
  return origin.write.after !== undefined && isRefused(origin.write.after);
};

/** Whether an item already has the error in place of a label, so that other changes need no reject. */
const isReported = ({ after = {} }: ItemWrite): boolean => {
  const { error, models = [] } = expectedOf(after);
  return models.length > 0 && models.every(({ attribute }) => labelAt(after, attribute).error === error);
};

/** One outcome per record; every reject stored once, and nothing but poison rejected. */
const checkRecords = async (played: Played): Promise<readonly string[]> => {
  const final = finalOutcomes(played);
  const rejects = await played.world.items('rejects');
  const stored = new Map<string, number>();
  for (const { sequence_number } of rejects) {
    const number = must(sequence_number?.S, 'sequence_number of a reject');
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

/** The poison in a record: of records of an item with the same content, one is rejected. */
const substanceOf = (origin: RecordOrigin): string => {
  if (origin.kind === 'noise') return `noise ${origin.version}`;
  if (origin.kind === 'plain') {
    const text = typeof origin.text === 'number' ? { N: String(origin.text) } : { S: origin.text };
    return JSON.stringify([{ S: origin.id }, text, undefined]);
  }
  const { keys, after } = origin.write;
  return JSON.stringify([keys.id, after?.text, after?.model_type]);
};

/**
 * Checks that poison is never lost: at least one copy of unreadable data was rejected, and so was a change that gave an
 * item a text that no model accepts, unless the item has changed since.
 */
const checkPoison = (played: Played): readonly string[] => {
  const { records } = played;
  const rejected = new Set<string>();
  for (const [number, [outcome]] of finalOutcomes(played)) {
    const origin = records.get(number);
    if (outcome === 'rejected' && origin) rejected.add(substanceOf(origin));
  }
  const last = new Map<string, RecordOrigin>();
  for (const origin of records.values()) {
    // Records of other producers may be of an item that was completed long ago.
    if (origin.kind === 'plain' || (origin.kind === 'change' && origin.by === 'function')) continue;
    const name = origin.kind === 'noise' ? `noise ${origin.version}` : `item ${origin.write.keys.id?.S}`;
    if ((last.get(name)?.version ?? -1) <= origin.version) last.set(name, origin);
  }
  return [...last].flatMap(([name, origin]) => {
    const isNews = isPoison(origin) && !(origin.kind === 'change' && isReported(origin.write));
    return isNews && !rejected.has(substanceOf(origin)) ? [`${name} is poison, but was not rejected`] : [];
  });
};

/**
 * The promise of the design, for one scenario: once the stream is drained, every surviving item has the label of its
 * text by each model that it names, an item without a valid text has none, no deleted item is back, every record has
 * exactly one final outcome, every reject is stored once, and no shard was stuck. Where labels are forwarded, that of
 * every surviving item was.
 *
 * @throws Error that lists what is broken
 */
export const checkInvariant = async (scenario: Scenario, makeWorld: MakeWorld): Promise<void> => {
  const played = await play(scenario, makeWorld);
  const isExact = scenario.stamps.every((stamp) => stamp === 'MICROSECOND');
  const broken = [
    ...(await checkItems(played, scenario.store)),
    ...(await checkRecords(played)),
    ...checkPoison(played),
    ...(scenario.forwards === undefined ? [] : checkForwarded(played, isExact)),
  ];
  if (broken.length > 0) throw new Error(broken.join('; '));
};
