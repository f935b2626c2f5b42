import { type AttributePath, parsePath } from '../../../dynamodb-json/attribute-path.ts';
import { isObject } from '../../../dynamodb-json/attributes.ts';

type Json = Readonly<Record<string, unknown>>;

/** The value of a JSON object by a name, or the names that it has instead. */
export type JsonField = { readonly value: unknown } | { readonly names: readonly string[] };

/**
 * A field of a JSON object by its name, or by a path into objects and lists: `message.body`, `parts[0].text`. A field
 * whose own name looks like a path comes first, like an item's attribute.
 */
export const jsonField = (object: Json, name: string): JsonField => {
  if (Object.hasOwn(object, name)) return { value: object[name] };
  const path = parsePath(name);
  let value: unknown = object;
  for (const [depth, segment] of path.entries()) {
    if (!has(value, segment)) return { names: namesAt(object, value, path.slice(0, depth)) };
    value = value[segment];
  }
  return { value };
};

const has = (
  value: unknown,
  segment: string | number,
): value is Readonly<Record<string | number, unknown>> =>
  typeof segment === 'number'
    ? Array.isArray(value) && segment < value.length
    : isObject(value) && Object.hasOwn(value, segment);

/** The possible names where a path fails; for a value without names those of the whole object. */
const namesAt = (object: Json, value: unknown, way: AttributePath): readonly string[] => {
  const start = way.reduce<string>(
    (path, segment) => path + (typeof segment === 'number' ? `[${segment}]` : `${path && '.'}${segment}`),
    '',
  );
  if (Array.isArray(value) && value.length > 0) return value.map((_, index) => `${start}[${index}]`);
  if (!isObject(value)) return Object.keys(object);
  return Object.keys(value).map((key) => (start === '' ? key : `${start}.${key}`));
};
