import { type AttributeMap, attributeOf, type AttributeValue, isObject } from './attributes.ts';

/** The path to a value in an item: names of attributes (also of nested maps) and, in lists, indexes from 0. */
export type AttributePath = readonly (string | number)[];

const PATH = /^[^.[\]]+(\[\d+\])*(\.[^.[\]]+(\[\d+\])*)*$/;

/**
 * Parses a path as DynamoDB's expressions have it: `text`, `message.body`, `parts[0].text`. Anything else is the name
 * of one attribute.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.Attributes.html
 */
export const parsePath = (path: string): AttributePath =>
  PATH.test(path)
    ? [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index))
    : [path];

/** The value at a path; undefined where there is none, or where a parent is not a map or list. */
export const valueAt = (item: AttributeMap, path: AttributePath): AttributeValue | undefined => {
  let value: unknown = { M: item };
  for (const segment of path) {
    if (!isObject(value)) return undefined;
    const { M: map, L: list } = value;
    if (typeof segment === 'string')
      value = isObject(map) ? attributeOf(map as AttributeMap, segment) : undefined;
    else value = Array.isArray(list) ? list[segment] : undefined;
  }
  return isObject(value) ? value : undefined;
};
