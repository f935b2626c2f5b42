import { PermanentError } from '../errors.ts';
import { codePoints } from './code-points.ts';
import { type AttributePath, parsePath, valueAt } from '../dynamodb-json/attribute-path.ts';
import {
  type AttributeMap,
  attributeOf,
  type AttributeValue,
  isPresent,
  stringOf,
  typeOf,
} from '../dynamodb-json/attributes.ts';

/** Where items hold their text. */
export interface TextAttribute {
  /** As configured: the name of an attribute, or a path to one within maps and lists. */
  readonly name: string;
  readonly path: AttributePath;
  /** `json`: the attribute's value is itself a JSON string, such as `"\"text\""`. */
  readonly encoding: 'plain' | 'json';
}

export const textAttribute = (
  name: string,
  encoding: TextAttribute['encoding'] = 'plain',
): TextAttribute => ({ name, path: parsePath(name), encoding });

/** A text attribute that an item has. */
export interface FoundText {
  readonly attribute: TextAttribute;
  /** Its path in this item. */
  readonly path: AttributePath;
  readonly value: AttributeValue;
  /** The places before it, which must be empty (or NULL) for this to be the item's text. */
  readonly before: readonly Held[];
}

/** The item has no text in any of the places where it may be. */
export interface NoText {
  readonly value?: undefined;
  readonly before: readonly Held[];
}

/** What an item holds at a place; undefined for nothing. */
export interface Held {
  readonly path: AttributePath;
  readonly value: AttributeValue | undefined;
}

/**
 * The first of the text attributes that an item has, or else all the places where it has none. A top-level attribute
 * whose name looks like a path (`message.body`) comes before the nested attribute at that path: there is no other way
 * to name it, while a nested one can be moved.
 */
export const findText = (image: AttributeMap, attributes: readonly TextAttribute[]): FoundText | NoText => {
  const before: Held[] = [];
  for (const attribute of attributes) {
    for (const path of placesOf(attribute)) {
      const value = path.length > 1 ? valueAt(image, path) : attributeOf(image, String(path[0]));
      if (isPresent(value)) return { attribute, path, value, before };
      before.push({ path, value });
    }
  }
  return { before };
};

const placesOf = ({ name, path }: TextAttribute): readonly AttributePath[] =>
  path.length > 1 ? [[name], path] : [[name]];

/**
 * The text of an attribute, as the model is to see it.
 *
 * @throws PermanentError (`bad-text`, `text-too-long`) where it is not usable
 */
export const textOf = (
  { attribute: { name, encoding }, value }: FoundText,
  maxTextCharacters: number,
): string => {
  const stored = requireString(value, name);
  const text = encoding === 'json' ? jsonString(stored, name) : stored;
  const fault = textFault(text, `attribute ${name}`, maxTextCharacters);
  if (fault !== undefined) throw fault;
  return text;
};

/** @throws PermanentError (`bad-text`) where the value is no string */
const requireString = (value: AttributeValue, name: string): string => {
  const string = stringOf(value);
  if (string !== undefined) return string;
  throw new PermanentError(
    'bad-text',
    `attribute ${name} should be a string (S), but is of type ${typeOf(value)}`,
  );
};

const jsonString = (stored: string, name: string): string => {
  let text: unknown;
  try {
    text = JSON.parse(stored);
  } catch {
    throw new PermanentError('bad-text', `attribute ${name} should hold a JSON string, but is not JSON`);
  }
  if (typeof text === 'string') return text;
  throw new PermanentError(
    'bad-text',
    `attribute ${name} should hold a JSON string, but holds ${typeof text}`,
  );
};

/**
 * Why models do not get a text; undefined where they do.
 *
 * @param what the text is, for the message: `attribute body`
 * @returns PermanentError (`bad-text`, `text-too-long`)
 */
export const textFault = (
  text: string,
  what: string,
  maxTextCharacters: number,
): PermanentError | undefined => {
  // A string's length counts code points above U+FFFF twice: the code points of a long one are counted.
  const characters = text.length > maxTextCharacters ? codePoints(text) : text.length;
  if (characters > maxTextCharacters)
    return new PermanentError(
      'text-too-long',
      `${what} has ${characters} characters; the limit is ${maxTextCharacters}`,
    );
  return text.isWellFormed()
    ? undefined
    : new PermanentError('bad-text', `${what} has an unpaired surrogate`);
};
