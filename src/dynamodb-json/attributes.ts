/** DynamoDB JSON, as far as labelling needs it: strings, numbers (kept as strings of up to 38 digits) and nesting. */

/** One value in DynamoDB JSON, such as `{ S: 'text' }` or `{ N: '38' }`. */
export type AttributeValue = Readonly<Record<string, unknown>>;
export type AttributeMap = Readonly<Record<string, AttributeValue>>;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The value of an attribute, undefined where there is none. Names that every object inherits (`constructor`) are safe.
 * In unvalidated data the value may be of any type.
 */
export const attributeOf = (item: AttributeMap, name: string): AttributeValue | undefined =>
  Object.hasOwn(item, name) ? item[name] : undefined;

const TYPES: ReadonlySet<string> = new Set(['S', 'N', 'B', 'SS', 'NS', 'BS', 'BOOL', 'NULL', 'L', 'M']);

/**
 * The type of a value, such as `S`; `unknown` for anything that is no attribute value or has several types. It is never
 * another name: types are logged, and names in bad data are user data.
 */
export const typeOf = (value: unknown): string => {
  if (!isObject(value)) return 'unknown';
  const [type = '', ...others] = Object.keys(value);
  return others.length === 0 && TYPES.has(type) ? type : 'unknown';
};

/** The string of an `S` attribute, or undefined where it is missing or of another type. */
export const stringOf = (value: AttributeValue | undefined): string | undefined =>
  typeof value?.S === 'string' && typeOf(value) === 'S' ? value.S : undefined;

/** Whether there is a value that is not NULL. */
export const isPresent = (value: AttributeValue | undefined): value is AttributeValue =>
  value !== undefined && (value as AttributeValue | null)?.NULL !== true;

type Reviver = (name: string, value: unknown, context?: { readonly source?: string }) => unknown;
const parseWith = JSON.parse as (json: string, reviver: Reviver) => unknown;

/** @param json the text of a JSON object @returns it as DynamoDB JSON, its numbers with all of their digits */
export const attributesOfJson = (json: string): AttributeMap => {
  // Values are revived from the inside out: those within a list or an object are attribute values already.
  const value = parseWith(json, (_, value, context) => attributeOfJson(value, context?.source));
  return (value as { readonly M: AttributeMap }).M;
};

const attributeOfJson = (value: unknown, source: string | undefined): AttributeValue => {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: numberText(value, source) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: value };
  return value === null ? { NULL: true } : { M: value };
};

/** A number that fits a double is normalised (`1.0` is `1`, so equal keys have one name); others keep their digits. */
const numberText = (value: number, source = String(value)): string =>
  source.replace(/e.*$/i, '').replaceAll(/\D/g, '').length > 15 ? source : String(value);

/** A stable name of an item, whatever the order of its key attributes: `table{"id":{"S":"a"}}`. */
export const itemName = (table: string, keys: AttributeMap): string => {
  const names = Object.keys(keys);
  const sorted =
    names.length === 1 ? keys : Object.fromEntries(names.sort().map((name) => [name, keys[name]]));
  return table + JSON.stringify(sorted);
};
