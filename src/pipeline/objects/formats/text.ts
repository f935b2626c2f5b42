import type { AttributeMap } from '../../../dynamodb-json/attributes.ts';
import type { Format, ReadObjectSettings } from './format.ts';
import { faultyLine, type JsonLine } from './json-lines.ts';
import { linesObject } from './lines-object.ts';
import type { TextRecord } from './text-records.ts';

/** A text a line, whatever the text attributes are. */
export const text: Format = {
  name: 'text',
  isNamed: (key) => /\.(txt|text)(\.gz)?$/i.test(key),
  contentType: 'application/jsonl',
  open: async (source, settings) =>
    linesObject(source, settings, (line, number) => lineOf(line, number, settings)),
};

const lineOf = (
  record: TextRecord,
  number: number,
  { textAttributes, join, whole = false }: ReadObjectSettings,
): JsonLine => {
  if (typeof record !== 'string') return faultyLine(number, record.error);
  const id = String(number);
  return {
    record: { item: itemOf(record, textAttributes), ...(whole && { id: number }) },
    id,
    object: join ? JSON.stringify({ recordId: number, text: record }) : undefined,
  };
};

/** The line as the first of the text attributes; it is no JSON string, even where that should be one. */
const itemOf = (line: string, [first]: ReadObjectSettings['textAttributes']): AttributeMap => {
  const name = first?.name ?? 'text';
  return { [name]: { S: first?.encoding === 'json' ? JSON.stringify(line) : line } };
};
