import type { Item } from '../../stores/dynamodb/batch-write.ts';
import { PermanentError } from '../../errors.ts';
import { type AttributeMap, isObject } from '../../dynamodb-json/attributes.ts';
import { coalesce } from '../../pipeline/coalesce.ts';
import { decode } from '../../pipeline/records/decode.ts';
import { type DocumentSettings, type ItemRef, itemOf } from '../../pipeline/items/document.ts';
import { type KinesisEvent, toStreamRecords } from '../../pipeline/records/kinesis-event.ts';
import { unpack } from '../../pipeline/records/unpack.ts';
import { toWire } from '../../stores/dynamodb/wire-format.ts';

type Properties = Readonly<Record<string, unknown>>;

interface Change {
  readonly item: string;
  readonly table: string;
  readonly keys: AttributeMap;
  readonly image: AttributeMap | undefined;
  readonly createdMicros: bigint | undefined;
  readonly changeNumber: bigint | undefined;
}

/** The table of an event, and its items after the changes of the event. */
export interface Seed {
  /** Properties for `CreateTable`. */
  readonly table: Properties & { readonly TableName: string };
  readonly items: readonly Item[];
}

/**
 * The newest image of each item of an event, and the table to put them into: the service's own, or the one that the
 * event names, with the event's key attributes. Records that cannot be read change nothing.
 *
 * @param table properties of the service's documents table; for another table its name alone
 */
export const seedOf = (event: KinesisEvent, table: Properties, keyAttributes: readonly string[]): Seed => {
  const own = String(table.TableName);
  const changes = changesOf(event, { table: own, keyAttributes });
  const first = changes.find((change) => change.table === own) ?? changes[0];
  if (first === undefined) {
    const keys = Object.fromEntries(keyAttributes.map((name) => [name, { S: '' }]));
    return {
      table: isDefined(table) ? { ...table, TableName: own } : tableLike({ table: own, keys }),
      items: [],
    };
  }
  const standIns = coalesce(changes);
  const items = changes.flatMap(({ table: named, keys, image }, index) =>
    named === first.table && image !== undefined && standIns[index] === index
      ? [{ ...toWire(image), ...toWire(keys) }]
      : [],
  );
  const isOurs = first.table === own && isDefined(table);
  return { table: isOurs ? { ...table, TableName: own } : tableLike(first), items };
};

/** The items of an event, all of one table: their names and keys, each once. */
export const itemsOf = (
  event: KinesisEvent,
  settings: Pick<DocumentSettings, 'table' | 'keyAttributes'>,
): readonly ItemRef[] => {
  const changes = changesOf(event, settings).filter(({ table }) => table === settings.table);
  return [...new Map(changes.map(({ item: name, keys }) => [name, { name, keys }])).values()];
};

const changesOf = (
  event: KinesisEvent,
  settings: Pick<DocumentSettings, 'table' | 'keyAttributes'>,
): readonly Change[] =>
  unpack(toStreamRecords(event), { maxRecords: Infinity }).flatMap(({ content, partitionKey }): Change[] => {
    try {
      if (content === undefined) return [];
      if (content instanceof PermanentError) throw content;
      const change = decode(content);
      const { name, keys } = itemOf(change, partitionKey, settings);
      const { newImage: image, createdMicros, changeNumber, table = settings.table } = change;
      return [{ item: name, table, keys, image, createdMicros, changeNumber }];
    } catch (error) {
      if (error instanceof PermanentError) return [];
      throw error;
    }
  });

const isDefined = ({ KeySchema }: Properties): boolean => KeySchema !== undefined;

const tableLike = ({ table, keys }: Pick<Change, 'table' | 'keys'>): Seed['table'] => ({
  TableName: table,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: Object.entries(keys).map(([AttributeName, value]) => ({
    AttributeName,
    AttributeType: isObject(value) ? Object.keys(value)[0] : 'S',
  })),
  KeySchema: Object.keys(keys).map((AttributeName, index) => ({
    AttributeName,
    KeyType: index === 0 ? 'HASH' : 'RANGE',
  })),
});
