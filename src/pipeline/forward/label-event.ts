import { must } from '../../errors.ts';
import { plainJson } from '../../dynamodb-json/plain-json.ts';
import { sha256 } from '../../tasks/content-hash.ts';
import type { Answer, Model } from '../../tasks/model.ts';
import { taskOf } from '../../tasks/tasks.ts';
import type { LabelEvent } from '../destinations.ts';
import type { Document } from '../items/document.ts';

export interface EventSettings {
  /** Says which stage the events are of: `/labelstream/prod`. */
  readonly source: string;
  /** The table of the items. */
  readonly table: string;
}

/** A label that an item has. */
export interface HeldLabel {
  readonly document: Pick<Document, 'item' | 'hash'>;
  readonly model: Model;
  readonly answer: Answer;
  /** When the change was made that the label is for, in microseconds since 1970. */
  readonly changedMicros: bigint | undefined;
}

/**
 * The event of a label. Its id depends on what makes a label the same (the item, the model, the content, and the first
 * attribute of the answer), so a label that is forwarded again has the same id.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
export const labelEvent = (
  { document: { item, hash }, model, answer, changedMicros }: HeldLabel,
  { source, table }: EventSettings,
): LabelEvent => {
  const task = taskOf(model);
  const attributes = task.attributesOf(answer, task.prefix);
  const { value } = must(attributes[0], 'attribute of an answer');
  return {
    specversion: '1.0',
    id: sha256(JSON.stringify([item.name, model.id, hash, value])),
    source,
    type: 'labelstream.item.labelled.v1',
    subject: item.name,
    ...(changedMicros !== undefined && { time: timeOf(changedMicros) }),
    datacontenttype: 'application/json',
    data: {
      table,
      keys: item.keys,
      model: model.id,
      attribute: model.attribute,
      hash,
      answer: Object.fromEntries(attributes.map((one) => [one.name, plainJson(one.value)])),
    },
  };
};

/** `2026-01-01T00:00:00.000000Z`: texts of equal length, which sort by time. */
const timeOf = (micros: bigint): string => {
  const millis = new Date(Number(micros / 1_000n)).toISOString().slice(0, -1);
  return `${millis}${String(micros % 1_000n).padStart(3, '0')}Z`;
};
