import { must, PermanentError } from '../errors.ts';
import { isAttributeValue } from '../dynamodb-json/attribute-value.ts';
import { type AttributeValue, stringOf } from '../dynamodb-json/attributes.ts';
import { contentHash } from './content-hash.ts';
import { type FoundText, type Held, type NoText, textOf } from './item-text.ts';

/** The places that an item must hold as they were found. */
export const heldPlaces = (found: FoundText | NoText): readonly Held[] =>
  found.value === undefined ? found.before : [...found.before, { path: found.path, value: found.value }];

/** The hash of one text, or of two that belong together. @throws PermanentError (`bad-text`) if no item can hold one */
export const hashOfTexts = (found: readonly [FoundText, FoundText?]): string => {
  const given = found.filter((one) => one !== undefined);
  const [stored, storedPair] = given.map(storedText);
  // The prefix keeps the hash of a value that is not a string different from that of every text.
  const kind = given.every(({ value }) => stringOf(value) !== undefined) ? '' : 'value-';
  return kind + contentHash(must(stored, 'text'), storedPair);
};

/** The stored text to hash; for a value that is no string, its JSON. @throws PermanentError if no item can hold it */
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

/** The texts as models get them; the error of the first that they cannot take. */
export const usableTexts = (
  found: readonly FoundText[],
  maxTextCharacters: number,
): readonly string[] | PermanentError => {
  try {
    return found.map((one) => textOf(one, maxTextCharacters));
  } catch (error) {
    if (error instanceof PermanentError) return error;
    throw error;
  }
};
