import { gunzipSync } from 'node:zlib';
import { PermanentError } from '../errors.ts';
import { type AttributeMap, attributesOf, isObject } from './attributes.ts';

/** One change of one item, whichever producer described it. */
export interface ChangeRecord {
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  /** Absent for plain JSON, which says nothing of a table. */
  readonly table?: string;
  /** Absent for plain JSON: there the configured key attributes are part of the image. */
  readonly keys?: AttributeMap;
  /** The item after the change; absent for REMOVE. */
  readonly newImage?: AttributeMap;
  /** When the change was made, in microseconds since 1970; absent where the producer does not say. */
  readonly createdMicros?: bigint;
}

export interface DecodeLimits {
  /** The most bytes that a gzip-compressed record may unpack to. */
  readonly maxBytes?: number;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const EVENT_NAMES: ReadonlySet<unknown> = new Set(['INSERT', 'MODIFY', 'REMOVE']);

/**
 * Decodes the data of one Kinesis record: base64, then gzip where its magic bytes say so, UTF-8 (fatal) and JSON,
 * which is either a native DynamoDB change record or a plain object.
 *
 * @param data base64, as Lambda delivers it
 * @throws PermanentError with the step that failed; the message never quotes the data
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds_gettingstarted.html
 */
export const decode = (data: string, { maxBytes = 4 * 1024 * 1024 }: DecodeLimits = {}): ChangeRecord => {
  const json = parseJson(utf8Text(inflated(base64Bytes(data), maxBytes)));
  if (!isObject(json)) throw shapeError('the record', 'a JSON object', json);
  if (isObject(json.dynamodb)) return changeRecord(json, json.dynamodb);
  if ('dynamodb' in json) throw shapeError('dynamodb', 'an object', json.dynamodb);
  return { eventName: 'INSERT', newImage: attributesOf(json) };
};

/** Buffer.from skips what is not base64 and stops at padding, so a wrong length is the sign of bad input. */
const base64Bytes = (data: string): Buffer => {
  const bytes = Buffer.from(data, 'base64');
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  if (data.length % 4 !== 0 || bytes.length !== (data.length / 4) * 3 - padding) {
    throw new PermanentError(
      'bad-base64',
      `data is not base64: ${data.length} characters decode to ${bytes.length} bytes`,
    );
  }
  return bytes;
};

const inflated = (bytes: Buffer, maxOutputLength: number): Buffer => {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength });
  } catch (cause) {
    throw new PermanentError('bad-gzip', `data is not gzip, or unpacks to over ${maxOutputLength} bytes`, {
      cause,
    });
  }
};

const utf8Text = (bytes: Buffer): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new PermanentError('bad-utf8', `data (${bytes.length} bytes) is not valid UTF-8`);
  }
};

/** No cause is kept: V8's SyntaxError quotes the text. */
const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new PermanentError('bad-json', `data (${text.length} characters) is not JSON`);
  }
};

const changeRecord = (json: Record<string, unknown>, change: Record<string, unknown>): ChangeRecord => {
  const { eventName, tableName } = json;
  const { Keys: keys, NewImage: newImage } = change;
  if (!EVENT_NAMES.has(eventName)) throw shapeError('eventName', 'INSERT, MODIFY or REMOVE', eventName);
  if (tableName !== undefined && typeof tableName !== 'string')
    throw shapeError('tableName', 'a string', tableName);
  if (!isObject(keys) || Object.keys(keys).length === 0)
    throw shapeError('dynamodb.Keys', 'the key of the item', keys);
  if (!Object.values(keys).every(isObject))
    throw shapeError('dynamodb.Keys', 'DynamoDB attribute values', keys);
  if (eventName !== 'REMOVE' && !isObject(newImage))
    throw shapeError('dynamodb.NewImage', 'the new item', newImage);
  const createdMicros = toMicros(
    change.ApproximateCreationDateTime,
    change.ApproximateCreationDateTimePrecision,
  );
  return {
    eventName: eventName as ChangeRecord['eventName'],
    keys: keys as AttributeMap,
    ...(tableName !== undefined && { table: tableName }),
    ...(isObject(newImage) && { newImage: newImage as AttributeMap }),
    ...(createdMicros !== undefined && { createdMicros }),
  };
};

/**
 * A change's time in microseconds: the unit that the record names, else the one that the magnitude tells (seconds in
 * DynamoDB Streams, milliseconds or microseconds in Kinesis Data Streams for DynamoDB).
 */
export const toMicros = (time: unknown, precision?: unknown): bigint | undefined => {
  if (typeof time !== 'number' || !Number.isFinite(time)) return undefined;
  const factor =
    precision === 'MICROSECOND' || (precision === undefined && time >= 1e15)
      ? 1
      : precision === undefined && time < 1e11
        ? 1e6
        : 1e3;
  return BigInt(Math.round(time * factor));
};

const shapeError = (where: string, expected: string, actual: unknown): PermanentError =>
  new PermanentError('bad-shape', `${where} should be ${expected}, but is ${describe(actual)}`);

const describe = (value: unknown): string =>
  value === undefined
    ? 'missing'
    : value === null
      ? 'null'
      : Array.isArray(value)
        ? 'an array'
        : `of type ${typeof value}`;
