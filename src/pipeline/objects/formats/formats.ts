import { FaultError, type Format } from './format.ts';
import { csv, tsv } from './csv.ts';
import { dynamodbExport } from './dynamodb-export.ts';
import { jsonl } from './jsonl.ts';
import { parquet } from './parquet.ts';
import { text } from './text.ts';
import type { ObjectFormatName } from '../run.ts';

/** All formats. The first one that knows a key's name reads it. */
export const formats = [jsonl, csv, tsv, text, parquet, dynamodbExport] as const satisfies readonly Format[];

/** The format of an object. @throws FaultError (`unknown-format`) */
export const formatOf = (key: string, name?: ObjectFormatName): Format => {
  const format: Format | undefined = formats.find((one: Format) =>
    name === undefined ? one.isNamed(key) : one.name === name,
  );
  if (format !== undefined) return format;
  throw new FaultError(
    'unknown-format',
    `${key} is of no known kind; name it like one (${formats.map((one) => one.name).join(', ')}), or set the format`,
  );
};
