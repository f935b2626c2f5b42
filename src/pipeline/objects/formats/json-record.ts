import { PermanentError } from '../../../errors.ts';
import {
  type AttributeMap,
  attributeOf,
  attributesOfJson,
  type AttributeValue,
  isObject,
} from '../../../dynamodb-json/attributes.ts';
import { excessOf } from '../../json-structure.ts';
import type { Task, TextPlaces } from '../../../tasks/task.ts';

/** Small objects cannot have enough levels or values to trouble a parser. */
const SMALL_CHARACTERS = 16 * 1024;
const LIMITS = { levels: 100, values: 300_000 };

/** @returns the object of a line @throws PermanentError (`bad-json`, `bad-shape`, `record-too-large`) */
export const parsedObject = (text: string): Readonly<Record<string, unknown>> => {
  const excess = text.length > SMALL_CHARACTERS ? excessOf(text, LIMITS) : undefined;
  if (excess === 'levels')
    throw new PermanentError('bad-shape', `the line is nested more than ${LIMITS.levels} levels deep`);
  if (excess === 'values')
    throw new PermanentError('record-too-large', `the line has more than ${LIMITS.values} values`);
  const json = parsed(text);
  if (isObject(json)) return json;
  throw new PermanentError('bad-shape', 'the line should be a JSON object');
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's message quotes the text.
    const reason = text.trim() === '' ? 'the line is empty' : 'the line is not JSON';
    throw new PermanentError('bad-json', reason);
  }
};

/** The names of the top-level attributes that hold what models of these tasks need. */
export const neededNames = (
  settings: TextPlaces & { readonly modelAttribute: string },
  ofTasks: readonly Task[],
): readonly string[] => {
  const texts = ofTasks.flatMap((task) => task.textsOf(settings)).flatMap(({ attributes }) => attributes);
  return [
    ...new Set([...texts.flatMap(({ name, path }) => [name, String(path[0])]), settings.modelAttribute]),
  ];
};

/** The attributes of these names that an object has; the others are not looked at. */
export const neededOf = (json: Readonly<Record<string, unknown>>, names: readonly string[]): AttributeMap => {
  const item: Record<string, AttributeValue> = {};
  for (const name of names) if (Object.hasOwn(json, name)) item[name] = attributeOfValue(json[name]);
  return item;
};

/** A value as DynamoDB JSON; values that are not of JSON, in Parquet, as what comes next to them. */
export const attributeOfValue = (value: unknown): AttributeValue => {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number' || typeof value === 'bigint') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (value === null || value === undefined) return { NULL: true };
  if (Array.isArray(value)) return { L: value.map(attributeOfValue) };
  if (value instanceof Date) return { S: value.toISOString() };
  if (value instanceof Uint8Array) return { B: Buffer.from(value).toString('base64') };
  return {
    M: Object.fromEntries(Object.entries(value).map(([name, one]) => [name, attributeOfValue(one)])),
  };
};

/** The JSON of the first of these fields that is a string or a number, with all of its digits. */
export const idOf = (
  json: Readonly<Record<string, unknown>>,
  names: readonly string[],
  text: string,
): string | undefined => {
  for (const name of names) {
    const value = Object.hasOwn(json, name) ? json[name] : undefined;
    if (typeof value === 'string') return JSON.stringify(value);
    if (typeof value === 'number')
      return Number.isSafeInteger(value)
        ? String(value)
        : String(attributeOf(attributesOfJson(text), name)?.N);
  }
  return undefined;
};
