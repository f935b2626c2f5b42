import { gzipSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { changeRecordJson } from '../emulators/aws/native-fan-out.ts';

/** The table of a poison record's data, and a key of its own. */
export interface PoisonPlace {
  readonly table: string;
  readonly key: string;
  readonly textAttribute: string;
  readonly id: string;
}

const bytes = (value: unknown): Uint8Array =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

const change = ({ table, key, id }: PoisonPlace, other: Readonly<Record<string, unknown>> = {}) => {
  const keys = { [key]: { S: id } };
  const json = changeRecordJson({ eventName: 'INSERT', table, keys, newImage: keys, createdMicros: 1.7e15 });
  return { ...JSON.parse(json), ...other };
};

const withText = (place: PoisonPlace, text: AttributeValue): Uint8Array => {
  const { dynamodb, ...rest } = change(place);
  return bytes({
    ...rest,
    dynamodb: { ...dynamodb, NewImage: { ...dynamodb.NewImage, [place.textAttribute]: text } },
  });
};

/**
 * Data that no consumer can read, by what is wrong with them. They have no item, and each is rejected with any store.
 * Kinesis records are bytes, so there is no bad base64.
 */
export const RECORD_POISON = {
  empty: () => new Uint8Array(),
  gzipCutOff: (place: PoisonPlace) => gzipSync(bytes(change(place))).subarray(0, 40),
  notUtf8: () => Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
  brokenAggregate: () => Buffer.from([0xf3, 0x89, 0x9a, 0xc2, 0x0a, 0xff, 0x01, 0x02]),
  notJson: () => bytes('{"text": '),
  notAnObject: () => bytes([1, 2]),
  noKeys: (place: PoisonPlace) => bytes(change(place, { dynamodb: { NewImage: {} } })),
  unknownEvent: (place: PoisonPlace) => bytes(change(place, { eventName: 'UPSERT' })),
  noImage: (place: PoisonPlace) =>
    bytes(change(place, { dynamodb: { Keys: { [place.key]: { S: place.id } } } })),
  unpairedSurrogate: (place: PoisonPlace) => withText(place, { S: '\ud800' }),
} satisfies Record<string, (place: PoisonPlace) => Uint8Array>;

export type RecordPoison = keyof typeof RECORD_POISON;

const TOO_LONG = 'x'.repeat(100_001);

/** Items that no model accepts; they are in the table, and their change records are valid. */
export const ITEM_POISON = {
  number: (textAttribute: string) => ({ [textAttribute]: { N: '5' } }),
  tooLong: (textAttribute: string) => ({ [textAttribute]: { S: TOO_LONG } }),
  unknownModel: (textAttribute: string) => ({ [textAttribute]: { S: 'hello' }, model_type: { S: 'nobody' } }),
} satisfies Record<string, (textAttribute: string) => Record<string, AttributeValue>>;

export type ItemPoison = keyof typeof ITEM_POISON;
