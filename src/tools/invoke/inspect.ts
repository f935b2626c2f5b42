import type { Item } from '../../stores/dynamodb/batch-write.ts';
import { type AttributeValue, type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { labelNames, prefixesOf } from '../../tasks/label-names.ts';
import { payloadData } from '../../stores/rejects-table.ts';

/** All items of a table, page by page: memory holds one page. */
export async function* scan(dynamodb: DynamoDBClient, table: string): AsyncGenerator<Item> {
  for await (const { Items } of paginateScan({ client: dynamodb }, { TableName: table })) yield* Items ?? [];
}

/** The shown fields of an item: its key and the attributes that the function wrote; never its text. */
export const labelsOf = (item: Item, keys: readonly string[]): Readonly<Record<string, unknown>> => {
  const written = prefixesOf(item).flatMap((prefix) => labelNames(prefix).all);
  return plain(item, (name) => keys.includes(name) || written.includes(name));
};

/** The shown fields of a reject: everything but the payload, which is replaced by its size. */
export const rejectSummary = (item: Item): Readonly<Record<string, unknown>> => {
  const { payload, payload_head: _, ...rest } = item;
  return {
    ...plain(rest, () => true),
    ...(payload?.B !== undefined && { payload_characters: payloadData(payload.B).length }),
  };
};

const plainValue = ({ S, N, BOOL, L, M }: AttributeValue): unknown => {
  if (N !== undefined) return Number(N);
  if (L !== undefined) return L.map(plainValue);
  return M === undefined ? (S ?? BOOL) : plain(M, () => true);
};

const plain = (item: Item, wanted: (name: string) => boolean): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(item)
      .filter(([name]) => wanted(name))
      .map(([name, value]) => [name, plainValue(value)]),
  );
