import type { Item } from '../../../stores/dynamodb/batch-write.ts';
import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { payloadData } from '../../../stores/rejects-table.ts';
import type { RecordId } from '../../../pipeline/records/stream-record.ts';
import { isChosen, type Selection } from './selection.ts';
import { isNotFound } from '../../aws-fault.ts';
import { UserError } from '../../user-error.ts';
import { must } from '../../../errors.ts';

/** A reject's item without the data of the record. */
export interface RejectEntry extends RecordId {
  readonly partitionKey: string;
  readonly code: string;
  readonly reason: string;
  /** Seconds since 1970, as DynamoDB writes the number: with the key it distinguishes successive rejections. */
  readonly rejectedAt: string;
  /** sha256 of data that was too large to be stored. */
  readonly payloadSha256?: string;
  readonly payloadBytes?: number;
}

export interface StoredReject extends RejectEntry {
  /** base64, as delivered; absent where it was too large to be stored. */
  readonly data?: string;
}

const toReject = (item: Item): StoredReject => ({
  shard: must(item.shard?.S, 'shard of a reject'),
  sequenceNumber: must(item.sequence_number?.S, 'sequence_number of a reject'),
  // A reject without one is not of a stream: `recover` reports that.
  partitionKey: item.partition_key?.S ?? '',
  code: must(item.code?.S, 'code of a reject'),
  reason: must(item.reason?.S, 'reason of a reject'),
  rejectedAt: must(item.rejected_at?.N, 'rejected_at of a reject'),
  ...(item.payload_sha256?.S !== undefined && { payloadSha256: item.payload_sha256.S }),
  ...(item.payload_bytes?.N !== undefined && { payloadBytes: Number(item.payload_bytes.N) }),
  ...(item.payload?.B !== undefined && { data: payloadData(item.payload.B) }),
});

const keyOf = ({ shard, sequenceNumber }: RecordId) => ({
  shard: { S: shard },
  sequence_number: { S: sequenceNumber },
});

// Names, because DynamoDB reserves some of these words.
const ENTRY = [
  'shard',
  'sequence_number',
  'partition_key',
  'code',
  'reason',
  'rejected_at',
  'payload_sha256',
  'payload_bytes',
];
const WITHOUT_DATA = {
  ProjectionExpression: ENTRY.map((name) => `#${name}`).join(', '),
  ExpressionAttributeNames: Object.fromEntries(ENTRY.map((name) => [`#${name}`, name])),
};

/**
 * The chosen rejects of a table, page by page, in no order.
 *
 * @throws UserError where there is no such table
 */
export async function* scanRejects(
  client: DynamoDBClient,
  table: string,
  selection: Selection,
  { withData = false }: { readonly withData?: boolean } = {},
): AsyncGenerator<StoredReject> {
  const request = { TableName: table, ConsistentRead: true, ...(!withData && WITHOUT_DATA) };
  try {
    for await (const { Items = [] } of paginateScan({ client }, request)) {
      for (const item of Items) {
        const reject = toReject(item);
        if (isChosen(selection, reject)) yield reject;
      }
    }
  } catch (cause) {
    if (!isNotFound(cause)) throw cause;
    throw new UserError(`Table ${table} not found. Check stage, region and account.`, { cause });
  }
}

/** A reject as it is stored now, if it still exists. */
export const loadReject = async (
  client: DynamoDBClient,
  table: string,
  id: RecordId,
): Promise<StoredReject | undefined> => {
  const request = new GetItemCommand({ TableName: table, Key: keyOf(id), ConsistentRead: true });
  const { Item } = await client.send(request);
  return Item && toReject(Item);
};

/** Deletes a reject, unless its record was rejected again since it was read. @returns whether it was deleted */
export const forgetReject = async (
  client: DynamoDBClient,
  table: string,
  reject: RejectEntry,
): Promise<boolean> => {
  const request = new DeleteItemCommand({
    TableName: table,
    Key: keyOf(reject),
    ConditionExpression: 'attribute_not_exists(#shard) OR #at = :at',
    ExpressionAttributeNames: { '#at': 'rejected_at', '#shard': 'shard' },
    ExpressionAttributeValues: { ':at': { N: reject.rejectedAt } },
  });
  try {
    await client.send(request);
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
};
