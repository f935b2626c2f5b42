import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { AttributeMap } from '../../dynamodb-json/attributes.ts';

/** DynamoDB JSON as the SDK takes it: the same, but binary values are bytes instead of base64, at any depth. */
export const toWire = (attributes: AttributeMap): Record<string, AttributeValue> =>
  mapped(attributes, toBytes);

/** The same for one value. */
export const valueToWire = (value: AttributeMap[string]): AttributeValue => converted(value, toBytes);

/** An item as the SDK returns it: for an attribute called `__proto__` it returns the name without the value. */
export type WireItem = Readonly<Record<string, AttributeValue | undefined>>;

/** An item in DynamoDB JSON: binary values as base64, at any depth. Values that the SDK does not return are omitted. */
export const fromWire = (item: WireItem): AttributeMap => {
  const given = Object.entries(item).filter(([, value]) => value !== undefined);
  return mapped(Object.fromEntries(given) as unknown as AttributeMap, toBase64) as unknown as AttributeMap;
};

type Convert = (bytes: never) => unknown;

const toBytes = (base64: string): Buffer => Buffer.from(base64, 'base64');
const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const mapped = (map: AttributeMap, convert: Convert): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, converted(value, convert)]));

const converted = (value: AttributeMap[string], convert: Convert): AttributeValue => {
  const { B: bytes, BS: set, L: list, M: map } = value;
  if (bytes !== undefined) return { B: convert(bytes as never) as Uint8Array };
  if (Array.isArray(set)) return { BS: set.map((one) => convert(one as never) as Uint8Array) };
  if (Array.isArray(list)) return { L: list.map((one: AttributeMap[string]) => converted(one, convert)) };
  return map === undefined
    ? (value as unknown as AttributeValue)
    : { M: mapped(map as AttributeMap, convert) };
};

/** The time-to-live attribute of an item written now, in seconds since 1970; none where it never expires (0 days). */
export const expiryOf = (ttlDays: number, seconds: number): Record<string, AttributeValue> =>
  ttlDays > 0 ? { expires_at: { N: String(seconds + ttlDays * 86_400) } } : {};
