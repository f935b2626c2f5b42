import type { Item } from '../../../stores/dynamodb/batch-write.ts';
import { textClassification } from '../../../tasks/text-classification.ts';
import { itemName } from '../../../dynamodb-json/attributes.ts';
import type { Document, DocumentSettings } from '../../../pipeline/items/document.ts';
import type { Models } from '../../../tasks/model.ts';
import { fromWire } from '../../../stores/dynamodb/wire-format.ts';
import type { RejectCode } from '../../../errors.ts';
import { textPlaces } from '../../../wire/text-places.ts';
import { documentOrCode } from '../verify/document-of.ts';
import type { Message } from '../input/input.ts';
import { EXPECTED_LABEL } from '../producer.ts';
import type { LiveStage } from './live-settings.ts';
import { requireClassifiers } from '../../classifies.ts';
import { UserError } from '../../user-error.ts';
import { must } from '../../../errors.ts';

/** The item of a message in the stage. */
export interface Expected {
  readonly keys: Item;
  readonly item: Item;
  /** Undefined where the function will reject the text, or the message has none to classify. */
  readonly document?: Document;
  /** The code with which the function will reject it. */
  readonly code?: RejectCode;
}

/**
 * Makes items of the stage's table from messages. An item's key consists of the input's digest and the message's
 * position in it, so that the same input always writes the same items.
 *
 * @param digest of the input
 * @throws UserError where the stage has no plain top-level text attribute, or its default model does not classify
 */
export const itemFactory = (stage: Pick<LiveStage, 'config' | 'models'>, digest: string) => {
  const { config, models = standIn(config.MODEL) } = stage;
  requireClassifiers('npm start -- --stage', models.resolve());
  const text = config.TEXT_ATTRIBUTES.find(({ encoding, path }) => encoding === 'plain' && path.length === 1);
  if (text === undefined) {
    throw new UserError(
      'The stage has no plain top-level text attribute (textAttributes) to write texts to.',
    );
  }
  const settings: DocumentSettings = {
    table: config.DOCUMENTS_TABLE,
    keyAttributes: config.KEY_ATTRIBUTES,
    ...textPlaces(config),
    modelAttribute: config.MODEL_ATTRIBUTE,
    maxTextCharacters: config.MAX_TEXT_CHARACTERS,
  };
  const keysAt = (position: number): Item => {
    const id = `${digest}-${String(position).padStart(8, '0')}`;
    return Object.fromEntries(config.KEY_ATTRIBUTES.map((name) => [name, { S: id }]));
  };
  return {
    keysAt,
    /** The name by which labels tables know an item. */
    nameOf: (keys: Item): string => itemName(config.DOCUMENTS_TABLE, fromWire(keys)),
    /** @param position from 0 */
    at: (position: number, message: Message): Expected => {
      const keys = keysAt(position);
      const item: Item = {
        ...keys,
        [text.name]: { S: message.text },
        ...(message.label !== undefined && { [EXPECTED_LABEL]: { S: message.label } }),
      };
      const change = { eventName: 'INSERT', keys: fromWire(keys), newImage: fromWire(item) } as const;
      const { document, code } = documentOrCode(change, models, settings);
      if (code !== undefined) return { keys, item, code };
      return { keys, item, ...(document !== undefined && { document }) };
    },
  };
};

/** A placeholder for a model that this checkout does not have: enough to know which items should get a label. */
const standIn = ([model]: readonly string[]): Models => {
  const id = must(model, 'model of the stage');
  return {
    resolve: () => [{ id, task: textClassification.name, attribute: textClassification.prefix }],
    load: () => Promise.reject(new UserError(`model ${id} not found in models/`)),
  };
};
