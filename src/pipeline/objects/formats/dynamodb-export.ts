import { isObject, type AttributeMap } from '../../../dynamodb-json/attributes.ts';
import { PermanentError } from '../../../errors.ts';
import type { Format, ReadObjectSettings } from './format.ts';
import { faultyLine, type JsonLine } from './json-lines.ts';
import { parsedObject } from './json-record.ts';
import { linesObject } from './lines-object.ts';
import type { TextRecord } from './text-records.ts';

/**
 * A file of a table's export: an item a line, `{"Item": …}`, compressed.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 */
export const dynamodbExport: Format = {
  name: 'dynamodb-export',
  isNamed: (key) => /(^|\/)AWSDynamoDB\/[^/]+\/data\/[^/]+\.json\.gz$/.test(key),
  contentType: 'application/jsonl',
  open: async (source, settings) =>
    linesObject(source, settings, (line, number) => lineOf(line, number, settings)),
};

const lineOf = (record: TextRecord, number: number, settings: ReadObjectSettings): JsonLine => {
  if (typeof record !== 'string') return faultyLine(number, record.error);
  try {
    const json = parsedObject(record);
    if (!isObject(json.Item))
      throw new PermanentError('bad-shape', 'the line should have an item: {"Item": …}');
    const item = json.Item as AttributeMap;
    const id = idOf(item, settings) ?? String(number);
    return {
      record: { item, ...(settings.whole === true && { id: JSON.parse(id) as unknown }) },
      id,
      object: record,
      isPredicted: Object.hasOwn(json, 'prediction'),
    };
  } catch (error) {
    if (error instanceof PermanentError) return faultyLine(number, error);
    throw error;
  }
};

/** The item's key as JSON: the value of its only attribute, or an object of all of them. */
const idOf = (
  item: AttributeMap,
  { keyAttributes, idAttributes }: ReadObjectSettings,
): string | undefined => {
  if (keyAttributes === undefined || keyAttributes.length === 0)
    return idAttributes.map((name) => keyOf(item, name)).find((value) => value !== undefined);
  const values = keyAttributes.map((name) => keyOf(item, name));
  if (values.includes(undefined)) return undefined;
  if (values.length === 1) return values[0];
  return `{${keyAttributes.map((name, index) => `${JSON.stringify(name)}:${values[index]}`).join(',')}}`;
};

const keyOf = (item: AttributeMap, name: string): string | undefined => {
  const { S, N, B } = (Object.hasOwn(item, name) ? item[name] : undefined) ?? {};
  if (typeof N === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(N)) return N;
  const text = S ?? B;
  return typeof text === 'string' ? JSON.stringify(text) : undefined;
};
