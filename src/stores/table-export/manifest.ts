import { basename } from 'node:path/posix';
import * as z from 'zod';
import { ConfigError, ObjectError } from '../../errors.ts';
import type { ObjectName, ObjectStore } from '../../pipeline/objects/object-store.ts';
import { contentOf } from '../../pipeline/objects/stored-json.ts';
import type { Place } from '../objects/place.ts';

const summary = z.object({
  tableArn: z.string(),
  outputFormat: z.string(),
  exportType: z.string().optional(),
});
const file = z.object({ dataFileS3Key: z.string().min(1), itemCount: z.number().optional() });

/**
 * The keys of the data files of an export, in the same order each time: beside its manifests, also where these were copied.
 *
 * @param place of the export: `<prefix>/AWSDynamoDB/<id>/`
 * @param table its ARN, or its name
 * @throws ConfigError where there is no complete export, or it is of another table, incremental, or in Amazon Ion
 */
export const readExportManifest = async (
  store: ObjectStore,
  { bucket, key }: Place,
  table: string,
): Promise<readonly string[]> => {
  const prefix = key.replace(/(manifest-(files|summary)\.json)$/, '').replace(/\/*$/, '/');
  const where = `s3://${bucket}/${prefix}`;
  const name = (manifest: string): ObjectName => ({ bucket, key: `${prefix}${manifest}` });
  const parsed = summary.safeParse(parseJson(await textOf(store, name('manifest-summary.json'), where)));
  if (!parsed.success) throw new ConfigError(`${where}manifest-summary.json is not that of an export.`);
  const { tableArn, outputFormat, exportType = 'FULL_EXPORT' } = parsed.data;
  if (nameOf(tableArn) !== nameOf(table))
    throw new ConfigError(`${where} is an export of table ${nameOf(tableArn)}, not of ${nameOf(table)}.`);
  if (outputFormat !== 'DYNAMODB_JSON' || exportType !== 'FULL_EXPORT') {
    throw new ConfigError(
      `${where} is ${exportType} in ${outputFormat}: a relabel reads a full export in DYNAMODB_JSON.`,
    );
  }
  const lines = (await textOf(store, name('manifest-files.json'), where)).split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .flatMap((line, index) => {
      const read = file.safeParse(parseJson(line));
      if (read.success)
        return read.data.itemCount === 0 ? [] : [`${prefix}data/${basename(read.data.dataFileS3Key)}`];
      throw new ConfigError(`${where}manifest-files.json: line ${index + 1} names no data file.`);
    })
    .toSorted();
};

/** Undefined, which no schema accepts, where it is no JSON. */
const parseJson = (source: string): unknown => {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
};

const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

const textOf = async (store: ObjectStore, name: ObjectName, where: string): Promise<string> => {
  try {
    return (await contentOf(store, name)).toString();
  } catch (cause) {
    if (!(cause instanceof ObjectError)) throw cause;
    throw new ConfigError(
      `${where} is no complete export of a table: ${cause.message}. Give the folder that has manifest-summary.json, ` +
        's3://bucket/prefix/AWSDynamoDB/<id>/.',
      { cause },
    );
  }
};
