import { hash } from 'node:crypto';
import { PermanentError } from '../../errors.ts';
import { isAttributeValue } from '../records/attribute-value.ts';
import { type AttributeMap, type AttributeValue, stringOf } from '../records/attributes.ts';
import type { TextInput } from '../../tasks/model.ts';
import { findText, type FoundText, type Held, type NoText, type TextAttribute, textOf } from './text.ts';

/** What there is to classify in an item. */
export interface Content {
  /** As the models see it; why no model can take it; undefined where the item has no text. */
  readonly text: TextInput | PermanentError | undefined;
  /** Names the text that a label belongs to: see `contentHash`. */
  readonly hash: string;
  /** What makes it the item's text: where the item holds it, exactly as stored, and where there is none before it. */
  readonly holds: readonly Held[];
}

export interface ContentSettings {
  /** The first of these that an item has is its text. */
  readonly textAttributes: readonly TextAttribute[];
  /** What an item has here is the second text of a pair. */
  readonly textPairAttribute?: TextAttribute | undefined;
  /** The most characters (Unicode code points) a text may have. */
  readonly maxTextCharacters: number;
}

/** Hexadecimal. */
export const sha256 = (text: string): string => hash('sha256', text, 'hex');

/** The name of a text as stored: its sha256; of a pair that of the JSON `[text, pair]`. */
export const contentHash = (stored: string, storedPair?: string): string =>
  sha256(storedPair === undefined ? stored : JSON.stringify([stored, storedPair]));

/**
 * The text of an item, or its pair of texts.
 *
 * @throws PermanentError (`bad-text`) where something is in its place that no item can hold
 */
export const contentOf = (
  image: AttributeMap,
  { textAttributes, textPairAttribute, maxTextCharacters }: ContentSettings,
): Content => {
  const first = findText(image, textAttributes);
  if (first.value === undefined) return { text: undefined, hash: '', holds: first.before };
  const second = textPairAttribute && findText(image, [textPairAttribute]);
  const found = second?.value === undefined ? [first] : [first, second];
  const [stored = '', storedPair] = found.map(storedText);
  // No text has the name of a value that is none.
  const kind = found.every(({ value }) => stringOf(value) !== undefined) ? '' : 'value-';
  // Where there is no second text, there must be none when the label of the single text is written.
  const holds = [...heldBy(first), ...(second === undefined ? [] : heldBy(second))];
  return { text: inputOf(found, maxTextCharacters), hash: kind + contentHash(stored, storedPair), holds };
};

const heldBy = (found: FoundText | NoText): readonly Held[] =>
  found.value === undefined ? found.before : [...found.before, { path: found.path, value: found.value }];

/** What names a text: of a value that is no string, its JSON. @throws PermanentError where no item can hold it */
const storedText = ({ attribute: { name }, value }: FoundText): string => {
  const string = stringOf(value);
  if (string?.isWellFormed() === true) return string;
  if (isAttributeValue(value)) return JSON.stringify(value satisfies AttributeValue);
  throw unusable(name, value);
};

const unusable = (name: string, value: AttributeValue): PermanentError =>
  new PermanentError(
    'bad-text',
    stringOf(value) === undefined
      ? `attribute ${name} should be a string (S), but is no attribute value that DynamoDB can hold`
      : `attribute ${name} has an unpaired surrogate`,
  );

const inputOf = (found: readonly FoundText[], maxTextCharacters: number): TextInput | PermanentError => {
  try {
    const [text = '', textPair] = found.map((one) => textOf(one, maxTextCharacters));
    return textPair === undefined ? text : { text, textPair };
  } catch (error) {
    if (error instanceof PermanentError) return error;
    throw error;
  }
};
