import { attributesOfJson } from '../../../dynamodb-json/attributes.ts';
import { PermanentError } from '../../../errors.ts';
import { tasks } from '../../../tasks/tasks.ts';
import type { Format, ReadObjectSettings } from './format.ts';
import { faultyLine, type JsonLine } from './json-lines.ts';
import { idOf, neededNames, neededOf, parsedObject } from './json-record.ts';
import { linesObject } from './lines-object.ts';
import type { TextRecord } from './text-records.ts';

/** A JSON object a line. */
export const jsonl: Format = {
  name: 'jsonl',
  isNamed: (key) => /\.(jsonl|ndjson)(\.gz)?$/i.test(key),
  contentType: 'application/jsonl',
  open: async (source, settings) => {
    const names = neededNames(settings, tasks);
    return linesObject(source, settings, (text, number) => lineOf(text, number, names, settings));
  },
};

const lineOf = (
  record: TextRecord,
  number: number,
  names: readonly string[],
  { idAttributes, whole = false }: ReadObjectSettings,
): JsonLine => {
  if (typeof record !== 'string') return faultyLine(number, record.error);
  try {
    const json = parsedObject(record);
    const id = idOf(json, idAttributes, record) ?? String(number);
    return {
      record: {
        item: whole ? attributesOfJson(record) : neededOf(json, names),
        ...(whole && { id: JSON.parse(id) as unknown }),
      },
      id,
      object: record,
      isPredicted: Object.hasOwn(json, 'prediction'),
    };
  } catch (error) {
    if (error instanceof PermanentError) return faultyLine(number, error);
    throw error;
  }
};
