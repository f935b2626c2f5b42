import { hash } from 'node:crypto';
import { type AttributePath, valueAt } from './attribute-path.ts';
import type { AttributeMap, AttributeValue } from './attributes.ts';
import type { TextInput } from './model.ts';
import { findText, type TextAttribute, textOf } from './text.ts';

/** What there is to classify in an item. */
export interface Content {
  /** As the models see it. */
  readonly text: TextInput;
  /** Names the text a label belongs to: see `contentHash`. */
  readonly hash: string;
  /** Where the item holds it, exactly as stored. */
  readonly holds: readonly Held[];
}

/** What an item holds at a place; undefined for nothing. */
export interface Held {
  readonly path: AttributePath;
  readonly value: AttributeValue | undefined;
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
 * The text of an item, or its pair of texts; undefined where it has none.
 *
 * @throws PermanentError (`bad-text`, `text-too-long`) where a text is not usable
 */
export const contentOf = (
  image: AttributeMap,
  { textAttributes, textPairAttribute, maxTextCharacters }: ContentSettings,
): Content | undefined => {
  const found = findText(image, textAttributes);
  if (found === undefined) return undefined;
  const { stored, text } = textOf(found, maxTextCharacters);
  const held = { path: found.path, value: found.value };
  if (textPairAttribute === undefined) return { text, hash: contentHash(stored), holds: [held] };

  const second = findText(image, [textPairAttribute]);
  // Where there is none, there must be none when the label of the single text is written.
  if (second === undefined) {
    const { path } = textPairAttribute;
    return { text, hash: contentHash(stored), holds: [held, { path, value: valueAt(image, path) }] };
  }
  const pair = textOf(second, maxTextCharacters);
  return {
    text: { text, textPair: pair.text },
    hash: contentHash(stored, pair.stored),
    holds: [held, { path: second.path, value: second.value }],
  };
};
