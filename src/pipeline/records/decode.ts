import { gunzipSync } from 'node:zlib';
import { PermanentError } from '../../errors.ts';
import { isKeyValue } from '../../dynamodb-json/attribute-value.ts';
import { type AttributeMap, attributesOfJson, isObject } from '../../dynamodb-json/attributes.ts';
import { excessOf, type JsonLimits } from '../json-structure.ts';

/** One change of one item, whichever producer described it. */
export interface ChangeRecord {
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  /** Absent for plain JSON, which names no table. */
  readonly table?: string;
  /** Absent for plain JSON: there the configured key attributes are part of the image. */
  readonly keys?: AttributeMap;
  /** The item after the change; absent for REMOVE. */
  readonly newImage?: AttributeMap;
  /** The item before the change; absent for INSERT, and where the producer does not send it. */
  readonly oldImage?: AttributeMap;
  /** When the change was made, in microseconds since 1970; absent where the producer does not send it. */
  readonly createdMicros?: bigint;
  /** Orders the changes of an item; absent in the native fan-out, which does not send it. */
  readonly changeNumber?: bigint;
}

export interface DecodeLimits {
  /** The most bytes that a gzip-compressed record may unpack to. */
  readonly maxBytes?: number;
}

const MAX_BYTES = 4 * 1024 * 1024;

/**
 * DynamoDB nests 32 levels deep, each of which is two in its JSON. A record of a megabyte has 210,000 values of DynamoDB
 * at most; each of plain JSON takes some hundred bytes of memory, and so may two characters.
 */
const LIMITS: JsonLimits = { levels: 100, values: 300_000 };

/** A text of at most this many characters cannot have enough levels or values to trouble a parser. */
const SMALL_CHARACTERS = 16 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const EVENT_NAMES: ReadonlySet<unknown> = new Set(['INSERT', 'MODIFY', 'REMOVE']);

/**
 * Decodes the data of one record: gzip where it has the magic bytes, UTF-8 (fatal) and JSON, which is either a DynamoDB
 * change record, of the native fan-out or of our own, or a plain object. Binary attributes stay base64.
 *
 * @throws PermanentError with the step that failed; the message never quotes the data
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds_gettingstarted.html
 */
export const decode = (data: Buffer, limits: DecodeLimits = {}): ChangeRecord =>
  decodeUnpacked(unpacked(data, limits));

/** The first step of `decode`: the record without compression. @throws PermanentError (`bad-gzip`) */
export const unpacked = (data: Buffer, { maxBytes = MAX_BYTES }: DecodeLimits = {}): Buffer =>
  inflated(data, Math.max(1, Math.min(maxBytes, MAX_BYTES)));

/** The most bytes that data may have been unpacked to before it failed: gzip expands a byte to at most 1,032. */
export const mostUnpacked = (data: Buffer, { maxBytes = MAX_BYTES }: DecodeLimits = {}): number =>
  Math.min(maxBytes, MAX_BYTES, data.length * 1_032);

/** The other steps. */
export const decodeUnpacked = (bytes: Buffer): ChangeRecord => {
  const text = utf8Text(bytes);
  if (text.length > SMALL_CHARACTERS) requireWithinLimits(text);
  const json = parseJson(text);
  if (!isObject(json)) throw shapeError('the record', 'a JSON object', json);
  if (isObject(json.dynamodb)) return changeRecord(json, json.dynamodb);
  if (Object.hasOwn(json, 'dynamodb')) throw shapeError('dynamodb', 'an object', json.dynamodb);
  requireWithinLimits(text);
  return { eventName: 'INSERT', newImage: attributesOfJson(text) };
};

const requireWithinLimits = (text: string): void => {
  const excess = excessOf(text, LIMITS);
  if (excess === 'levels')
    throw new PermanentError('bad-shape', `the record is nested more than ${LIMITS.levels} levels deep`);
  if (excess === 'values')
    throw new PermanentError('record-too-large', `the record has more than ${LIMITS.values} values`);
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
  const { Keys: keys, NewImage: newImage, OldImage: oldImage } = change;
  if (!EVENT_NAMES.has(eventName)) throw shapeError('eventName', 'INSERT, MODIFY or REMOVE', eventName);
  if (tableName !== undefined && typeof tableName !== 'string')
    throw shapeError('tableName', 'a string', tableName);
  if (!isObject(keys) || Object.keys(keys).length === 0)
    throw shapeError('dynamodb.Keys', 'the key of the item', keys);
  if (!Object.values(keys).every(isKeyValue))
    throw shapeError('dynamodb.Keys', 'DynamoDB attribute values of type S, N or B', keys);
  if (eventName !== 'REMOVE' && !isObject(newImage))
    throw shapeError('dynamodb.NewImage', 'the new item', newImage);
  const createdMicros = toMicros(
    change.ApproximateCreationDateTime,
    change.ApproximateCreationDateTimePrecision,
  );
  const changeNumber = toChangeNumber(change.SequenceNumber);
  return {
    eventName: eventName as ChangeRecord['eventName'],
    keys: keys as AttributeMap,
    ...(tableName !== undefined && { table: tableName }),
    ...(isObject(newImage) && { newImage: newImage as AttributeMap }),
    ...(isObject(oldImage) && { oldImage: oldImage as AttributeMap }),
    ...(createdMicros !== undefined && { createdMicros }),
    ...(changeNumber !== undefined && { changeNumber }),
  };
};

/**
 * A change's time in microseconds. The unit is the one that the record names, else follows from the magnitude (seconds
 * in DynamoDB Streams, milliseconds or microseconds in Kinesis Data Streams for DynamoDB).
 */
export const toMicros = (time: unknown, precision?: unknown): bigint | undefined => {
  if (typeof time !== 'number') return undefined;
  const micros = Math.round(time * microsPer(time, precision));
  return Number.isFinite(micros) ? BigInt(micros) : undefined;
};

const microsPer = (time: number, precision: unknown): number => {
  if (precision === 'MICROSECOND') return 1;
  if (precision === 'MILLISECOND') return 1e3;
  return time >= 1e15 ? 1 : time < 1e11 ? 1e6 : 1e3;
};

/** DynamoDB Streams' sequence number: a string of 21 to 40 digits. */
const toChangeNumber = (value: unknown): bigint | undefined =>
  typeof value === 'string' && /^\d{1,40}$/.test(value) ? BigInt(value) : undefined;

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
