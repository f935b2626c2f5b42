import { type DynamoDBClient, ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import { fromWire, toWire } from './wire-format.ts';
import type { ItemSource, Position } from '../../pipeline/relabel/source.ts';

export interface ScanOptions {
  readonly table: string;
  /** Parts that are read side by side. */
  readonly segments: number;
  /** The top-level attributes that are needed, keys included. */
  readonly attributes: readonly string[];
  /** Items of a page at most. */
  readonly pageSize: number;
}

/**
 * A parallel scan. It is eventually consistent, at half the price: an item that has changed since does not meet the
 * condition of its write, and its change is in the stream.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html#Scan.ParallelScan
 */
export const tableScan = (
  dynamodb: DynamoDBClient,
  { table, segments, attributes, pageSize }: ScanOptions,
): ItemSource => {
  const names = [...new Set(attributes)].map((name, index) => [`#${index}`, name] as const);
  const pages = async function* (part: string, from: Position | undefined, signal: AbortSignal) {
    if (from === 'done') return;
    let key = from !== undefined && 'key' in from ? toWire(from.key) : undefined;
    do {
      const command = new ScanCommand({
        TableName: table,
        Segment: Number(part),
        TotalSegments: segments,
        Limit: pageSize,
        ProjectionExpression: names.map(([placeholder]) => placeholder).join(', '),
        ExpressionAttributeNames: Object.fromEntries(names),
        ...(key && { ExclusiveStartKey: key }),
      });
      const answer: ScanCommandOutput = await dynamodb.send(command, { abortSignal: signal });
      const { Items = [], LastEvaluatedKey } = answer;
      key = LastEvaluatedKey;
      yield {
        items: Items.map(fromWire),
        next: key === undefined ? ('done' as const) : { key: fromWire(key) },
      };
    } while (key !== undefined);
  };
  return { parts: segmentNames(segments), pages };
};

/** The names of the parts of a scan. */
export const segmentNames = (segments: number): readonly string[] =>
  Array.from({ length: segments }, (_, segment) => String(segment));
