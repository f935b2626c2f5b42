import { must } from '../../../errors.ts';
import { itemName } from '../../../dynamodb-json/attributes.ts';
import type { Model } from '../../../tasks/model.ts';
import type { Item } from '../../../stores/dynamodb/batch-write.ts';
import { contentKey, itemKey, rowPrefix } from '../../../stores/labels-table.ts';
import type { LabelStoreName } from '../../../stores/label-stores.ts';
import { type Expected, expectedOf, type FoundLabel, labelAt } from './expected.ts';
import type { Played } from './play.ts';
import { TOY, toyLabel } from './toy-models.ts';
import type { World } from './world.ts';

/** The label of a model that a reader finds for an item. */
const labelReader = async (
  store: LabelStoreName,
  world: World,
): Promise<(item: Item, hash: string, model: Model) => FoundLabel> => {
  if (store !== 'labels-table') return (item, _, { attribute }) => labelAt(item, attribute);
  const labels = await world.items('labels');
  const found = new Map(labels.map((label) => [`${label.item?.S} ${label.content?.S}`, label]));
  return (item, hash, model) => {
    const name = itemName(world.tables.documents, { id: { S: must(item.id?.S, 'id of an item') } });
    return labelAt(found.get(`${itemKey(name)} ${contentKey(model.id, hash)}`) ?? {}, rowPrefix(model));
  };
};

/** Which models may have given the label that an item has of one of its models: another version, after a relabel. */
export type Accepted = (item: Item, model: Model) => readonly Model[];

export const onlyItself: Accepted = (_, model) => [model];

/** While the function and a relabel label with their versions, the item has the label of either. */
export const either =
  (version: Model): Accepted =>
  (_, model) =>
    model.id === TOY.id ? [TOY, version] : [model];

/** After the last relabel: its own, but that an item which names a model without its version may have a newer one. */
export const afterLast =
  (version: Model): Accepted =>
  (item, model) => {
    if (model.id !== TOY.id) return [model];
    return version.id < TOY.id && item.model_type !== undefined ? [TOY, version] : [version];
  };

/** Checks that the table has exactly the expected items, with the labels of their texts and models. */
export const checkItems = async (
  items: readonly Item[],
  { world, expected }: Played,
  store: LabelStoreName,
  accepted: Accepted,
): Promise<readonly string[]> => {
  const labelOf = await labelReader(store, world);
  const present = new Set(items.map(({ id }) => id?.S));
  const missing = [...expected.keys()].filter((id) => !present.has(id));
  return [
    ...missing.map((id) => `item ${id} is gone`),
    ...items.flatMap((item) => {
      const id = must(item.id?.S, 'id of an item');
      const should = expected.get(id);
      if (should === undefined) return [`item ${id} is back`];
      for (const name of ['text', 'question', 'context'])
        if (JSON.stringify(item[name]) !== JSON.stringify(should[name]))
          return [`the ${name} of ${id} was changed`];
      if (JSON.stringify(item.model_type) !== JSON.stringify(should.model_type))
        return [`the models of ${id} were changed`];
      const own = expectedOf(item);
      // Readers query a labels table by the text's hash: without a text, nothing is queried.
      if (own.text === undefined && store === 'labels-table') return [];
      return (own.models ?? []).flatMap((model) => {
        const faults = accepted(item, model).map((one) => faultOf(labelOf(item, own.hash, one), own, one));
        return faults.some(({ length }) => length === 0)
          ? []
          : (faults[0] ?? []).map((fault) => `${fault}: item ${id}, ${model.id}`);
      });
    }),
  ];
};

/** The faults under a model's prefix. */
const faultOf = (
  found: FoundLabel,
  { text, hash, error, span }: Expected,
  model: Model,
): readonly string[] => {
  if (text === undefined)
    return Object.values(found).every((value) => value === undefined) ? [] : ['a label of no text'];
  if (error !== undefined) {
    if (found.label !== undefined) return ['a label of a text that no model takes'];
    return found.error === error && found.model === model.id ? [] : [`error ${found.error}, not ${error}`];
  }
  if (found.label === undefined) return ['lost: no label'];
  const isRight = found.label === toyLabel(text, model) && found.hash === hash && found.model === model.id;
  if (found.start !== span?.start.toString() || found.end !== span?.end.toString())
    return ['wrong: the answer is not where it says'];
  return isRight && found.error === undefined ? [] : ['wrong: the label is not that of the text'];
};
