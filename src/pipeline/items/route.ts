import { PermanentError } from '../../errors.ts';
import { isAttributeValue } from '../../dynamodb-json/attribute-value.ts';
import { type AttributeValue, isPresent, stringOf, typeOf } from '../../dynamodb-json/attributes.ts';
import type { Held } from '../../tasks/item-text.ts';

/** More would make the condition of a write longer than DynamoDB takes. */
export const MOST_MODELS = 16;

/**
 * The models that an item's attribute names: a string (S) of one name or of several, separated by commas, a string set
 * (SS) or a list (L) of strings.
 *
 * @returns undefined where it names none: no attribute, NULL, or nothing in it
 * @throws PermanentError where it is of another type (`bad-text`) or names too many (`conflicting-models`)
 */
export const modelNames = (
  value: AttributeValue | undefined,
  attribute: string,
): readonly string[] | undefined => {
  if (value !== undefined && !isAttributeValue(value)) throw badRoute(attribute, 'unknown');
  if (!isPresent(value)) return undefined;
  const names = splitNames(stringsOf(value, attribute));
  if (names.length <= MOST_MODELS) return names.length === 0 ? undefined : names;
  throw new PermanentError(
    'conflicting-models',
    `attribute ${attribute} names ${names.length} models; the limit is ${MOST_MODELS}`,
  );
};

/**
 * What an item must hold to have chosen its models so: the attribute's value, or nothing there. Of a list it is the
 * values in it, because not every DynamoDB compares lists.
 */
export const heldRoute = (attribute: string, value: AttributeValue | undefined): readonly Held[] => {
  const list = Array.isArray(value?.L) ? (value.L as readonly AttributeValue[]) : [];
  if (list.length === 0) return [{ path: [attribute], value }];
  const elements = list.map((element, index) => ({ path: [attribute, index], value: element }));
  return [...elements, { path: [attribute, list.length], value: undefined }];
};

const splitNames = (strings: readonly string[]): readonly string[] =>
  strings.flatMap((string) => string.split(',')).flatMap((name) => name.trim() || []);

const stringsOf = (value: AttributeValue, attribute: string): readonly string[] => {
  const { L: list, SS: set } = value;
  const strings = Array.isArray(set) ? set : Array.isArray(list) ? list.map(stringOf) : [stringOf(value)];
  if (strings.every((string) => typeof string === 'string')) return strings;
  throw badRoute(attribute, Array.isArray(list) ? 'L of others' : typeOf(value));
};

const badRoute = (attribute: string, type: string): PermanentError =>
  new PermanentError(
    'bad-text',
    `attribute ${attribute} should be a string (S), a string set (SS) or a list (L) of strings, but is of type ${type}`,
  );
