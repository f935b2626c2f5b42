import type { AttributeMap } from '../../../dynamodb-json/attributes.ts';
import { FaultError, type Format, type ReadObjectSettings } from './format.ts';
import { faultyLine, type JsonLine } from './json-lines.ts';
import { linesObject } from './lines-object.ts';
import { severalTexts } from './needed-texts.ts';
import type { TextRecord } from './text-records.ts';

/** A text a line, whatever the text attributes are. */
export const text: Format = {
  name: 'text',
  isNamed: (key) => /\.(txt|text)(\.gz)?$/i.test(key),
  contentType: 'application/jsonl',
  open: async (source, settings) => {
    const several = severalTexts(settings.task, settings);
    if (several !== undefined)
      throw new FaultError(
        'missing-column',
        `${source.head.key} has one text in each line, but its model takes ${several}: write JSON lines or a table`,
      );
    return linesObject(source, settings, (line, number) => lineOf(line, number, settings));
  },
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
