import { gzipSync } from 'node:zlib';
import { chunks } from '../../src/tools/chunks.ts';
import type { Item } from '../../src/stores/dynamodb/batch-write.ts';

export interface ExportFile {
  /** Below the place of the export: `AWSDynamoDB/<id>/…` */
  readonly key: string;
  readonly body: string | Buffer;
}

export interface TableExport {
  /** Of the table. */
  readonly tableArn: string;
  /** As it is stored; a text is a line as it is. */
  readonly items: readonly (Item | string)[];
  /** What keys begin with: empty, or with a slash at its end. */
  readonly prefix?: string;
  readonly linesOfFile?: number;
  /** Of the summary, instead of what it says otherwise. */
  readonly summary?: object;
}

export const EXPORT_ID = '01693685827463-2d8752fd';

/**
 * The files of an export in DynamoDB JSON, with its manifests.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 */
export const exportFiles = ({
  tableArn,
  items,
  prefix = '',
  linesOfFile = 5,
  summary = {},
}: TableExport): readonly ExportFile[] => {
  const place = `${prefix}AWSDynamoDB/${EXPORT_ID}/`;
  const files = chunks(items, linesOfFile).map((lines, index) => ({
    itemCount: lines.length,
    key: `${place}data/file${index}.json.gz`,
    body: gzipSync(
      lines.map((item) => `${typeof item === 'string' ? item : JSON.stringify({ Item: item })}\n`).join(''),
    ),
  }));
  const about = {
    ...{ version: '2023-08-01', exportArn: `${tableArn}/export/${EXPORT_ID}`, tableArn },
    ...{ itemCount: items.length, outputFormat: 'DYNAMODB_JSON', exportType: 'FULL_EXPORT' },
    manifestFilesS3Key: `${place}manifest-files.json`,
    ...summary,
  };
  const listed = files.map(({ itemCount, key }) => `${JSON.stringify({ itemCount, dataFileS3Key: key })}\n`);
  return [
    ...files,
    { key: `${place}manifest-files.json`, body: listed.join('') },
    { key: `${place}manifest-summary.json`, body: JSON.stringify(about) },
  ];
};
