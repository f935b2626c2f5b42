import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { labelNames } from '../../../tasks/label-names.ts';
import { failedCall } from '../../aws-fault.ts';
import { readItems } from '../../../stores/dynamodb/read-items.ts';
import { labelKey } from '../../../stores/labels-table.ts';
import { textClassification } from '../../../tasks/text-classification.ts';
import { type FoundLabel, labelOn } from '../verify/label-reader.ts';
import type { Item } from '../../../stores/dynamodb/batch-write.ts';

/** A label of the expected text. */
export type TextLabel = Pick<FoundLabel, 'model' | 'score' | 'by'> & { readonly label: string };

/** An item whose label is expected, and the text that it should be for. */
export interface Wanted {
  readonly keys: Item;
  /** The name under which a labels table has it. */
  readonly name: string;
  /** sha256 of the text, hexadecimal. */
  readonly hash: string;
}

export interface LabelPlaces {
  readonly table: string;
  /** Prefix of the attributes, and the model whose labels a labels table is asked for. */
  readonly attribute: string;
  readonly model: string;
  /** Where labels are not on the items. */
  readonly labelsTable: string | undefined;
}

/** The place of the labels: the table, their prefix, and the key of a row. */
const placeOf = ({ table, attribute, model, labelsTable }: LabelPlaces) =>
  labelsTable === undefined
    ? { from: table, prefix: attribute, keyOf: ({ keys }: Wanted) => keys }
    : {
        from: labelsTable,
        prefix: textClassification.prefix,
        keyOf: ({ name, hash }: Wanted) => labelKey(name, model, hash),
      };

/**
 * Reads the labels of items.
 *
 * @returns a function that returns one result per item, in their order; undefined where it has no label for that text
 * @throws UserError (that function) where they cannot be read
 */
export const labelReader = (dynamodb: DynamoDBClient, places: LabelPlaces) => {
  const { from, prefix, keyOf } = placeOf(places);
  const { label, score, model, hash, optional } = labelNames(prefix);
  const options = { table: from, attributes: [label, score, model, hash, optional.by] };
  return async (wanted: readonly Wanted[]): Promise<readonly (TextLabel | undefined)[]> => {
    const items = await readItems(dynamodb, options, wanted.map(keyOf)).catch((cause: unknown) => {
      throw failedCall(`Reading labels from table ${from}`, cause);
    });
    return wanted.map((one, index) => {
      const found = labelOn(items[index], prefix);
      // A label of another text is not the expected one.
      if (found?.label === undefined || found.hash !== one.hash) return undefined;
      return { label: found.label, score: found.score, model: found.model, by: found.by };
    });
  };
};
