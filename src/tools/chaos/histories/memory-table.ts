import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBServiceException,
} from '@aws-sdk/client-dynamodb';
import type { Item } from '../../../stores/dynamodb/batch-write.ts';
import { meets, type References } from './memory-condition.ts';

/** A write to one item: the item before and after. */
export interface ItemWrite {
  readonly keys: Item;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

export interface MemoryTable {
  readonly keyNames: readonly string[];
  items(): readonly Item[];
  put(item: Item): ItemWrite;
  delete(keys: Item): ItemWrite;
  /** @throws ConditionalCheckFailedException with the item as it is */
  update(keys: Item, changes: Assignments, condition?: string, references?: References): ItemWrite;
}

/** The changes of an update to attributes. */
export interface Assignments {
  readonly set: Item;
  readonly remove: readonly string[];
}

const refused = (message: string): DynamoDBServiceException =>
  new DynamoDBServiceException({ name: 'ValidationException', $fault: 'client', message, $metadata: {} });

/**
 * A table of DynamoDB in memory, with keys of type `S`. A write that changes nothing is not reported, as in the table's
 * stream.
 */
export const memoryTable = (
  keyNames: readonly string[],
  onChange: (write: ItemWrite) => void = () => undefined,
): MemoryTable => {
  const items = new Map<string, Item>();
  const keysOf = (item: Item): Item =>
    Object.fromEntries(
      keyNames.map((name): [string, AttributeValue] => {
        const key = item[name];
        if (key?.S === undefined || key.S === '') throw refused(`Type mismatch for key ${name}`);
        return [name, key];
      }),
    );
  const write = (keys: Item, after: Item | undefined): ItemWrite => {
    const id = JSON.stringify(keysOf(keys));
    const before = items.get(id);
    if (after === undefined) items.delete(id);
    else items.set(id, after);
    const change = { keys, before, after };
    if (JSON.stringify(before) !== JSON.stringify(after)) onChange(change);
    return change;
  };
  return {
    keyNames,
    items: () => [...items.values()],
    put: (item) => write(keysOf(item), item),
    delete: (keys) => write(keysOf(keys), undefined),
    update: (keys, { set, remove }, condition, references) => {
      const before = items.get(JSON.stringify(keysOf(keys)));
      if (condition !== undefined && references && !meets(condition, before, references)) {
        throw new ConditionalCheckFailedException({
          message: 'The conditional request failed',
          $metadata: {},
          ...(before && { Item: before }),
        });
      }
      const after = Object.entries({ ...keys, ...before, ...set }).filter(([name]) => !remove.includes(name));
      return write(keysOf(keys), Object.fromEntries(after));
    },
  };
};
