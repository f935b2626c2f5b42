/** DynamoDB JSON, as far as labelling needs it: strings, numbers (kept as strings of up to 38 digits) and nesting. */

/** One value in DynamoDB JSON, such as `{ S: 'text' }` or `{ N: '38' }`. */
export type AttributeValue = Readonly<Record<string, unknown>>;
export type AttributeMap = Readonly<Record<string, AttributeValue>>;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The string of an `S` attribute, or undefined where it is missing or of another type. */
export const stringOf = (value: AttributeValue | undefined): string | undefined =>
  typeof value?.S === 'string' ? value.S : undefined;

/** Plain JSON as DynamoDB JSON. Numbers beyond 2^53 lose digits here as they do in any JSON.parse. */
export const attributesOf = (json: Readonly<Record<string, unknown>>): AttributeMap =>
  Object.fromEntries(Object.entries(json).map(([name, value]) => [name, attributeOf(value)]));

const attributeOf = (value: unknown): AttributeValue => {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(attributeOf) };
  if (isObject(value)) return { M: attributesOf(value) };
  return { NULL: true };
};

/** A stable name of an item, whatever the order of its key attributes: `table{"id":{"S":"a"}}`. */
export const itemName = (table: string, keys: AttributeMap): string => {
  const names = Object.keys(keys);
  const sorted =
    names.length === 1 ? keys : Object.fromEntries(names.sort().map((name) => [name, keys[name]]));
  return table + JSON.stringify(sorted);
};
