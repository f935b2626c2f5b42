import { hash } from 'node:crypto';
import { toFailedBatch } from './failed-batches.ts';
import type { Messages } from './queue.ts';
import { scanRejects } from './rejects.ts';
import { isInShards, type Selection } from './selection.ts';
import { type Column, type Section, tableSection } from '../../report/section.ts';
import type { Target } from './target.ts';

/** The shown fields of a reject or a failed batch: its place, reason and size, but never its data. */
export type Listed =
  | {
      readonly kind: 'reject';
      readonly code: string;
      readonly reason: string;
      readonly shard: string;
      readonly sequence_number: string;
      readonly partition_key: string;
      /** ISO 8601 */
      readonly at: string;
      /** Whether its data is stored; otherwise it can be had from the stream only. */
      readonly stored: boolean;
      /** Of the data as delivered, base64; absent where it was not asked for. */
      readonly payload_bytes?: number;
      readonly payload_sha256?: string;
    }
  | {
      readonly kind: 'failed-batch';
      readonly code: string;
      readonly shard: string;
      readonly start_sequence_number: string;
      readonly end_sequence_number: string;
      readonly records: number;
      readonly at: string;
    }
  | {
      readonly kind: 'failed-object';
      /** What the message is about. */
      readonly code: 'object' | 'shard' | 'unreadable';
      readonly id: string;
      /** The first object, where there are several. */
      readonly bucket?: string;
      readonly key?: string;
      readonly model?: string;
      /** Which of how many, from 1. */
      readonly shard_of_object?: string;
      /** When it was first sent. */
      readonly at: string;
    }
  | {
      readonly kind: 'unknown-message';
      readonly code: 'unknown-message';
      readonly id: string;
      readonly at: '';
    };

/** The chosen rejects. @param withData whether their data is read, for its size and digest */
export async function* listRejects(
  { dynamodb, names }: Target,
  selection: Selection,
  withData: boolean,
): AsyncGenerator<Listed> {
  for await (const reject of scanRejects(dynamodb, names.rejects, selection, { withData })) {
    const { code, reason, shard, data, payloadBytes, payloadSha256 } = reject;
    const stored = data !== undefined && {
      payload_bytes: Buffer.byteLength(data),
      payload_sha256: hash('sha256', data, 'hex'),
    };
    yield {
      kind: 'reject',
      code,
      reason,
      shard,
      sequence_number: reject.sequenceNumber,
      partition_key: reject.partitionKey,
      at: new Date(Number(reject.rejectedAt) * 1000).toISOString(),
      stored: payloadSha256 === undefined,
      ...stored,
      ...(payloadBytes !== undefined && { payload_bytes: payloadBytes }),
      ...(payloadSha256 !== undefined && { payload_sha256: payloadSha256 }),
    };
  }
}

/** The chosen failed batches; also messages that describe none, unless the selection excludes them. */
export const listFailedBatches = ({ messages }: Messages, selection: Selection): readonly Listed[] =>
  messages.flatMap(({ id, body }): readonly Listed[] => {
    const batch = toFailedBatch(body);
    if (batch === undefined) {
      const isAll = selection.shards === undefined && selection.codes === undefined;
      return isAll ? [{ kind: 'unknown-message', code: 'unknown-message', id, at: '' }] : [];
    }
    const { condition: code, shard, start, end, records, failedAt: at } = batch;
    if (!isInShards(selection, batch) || selection.codes?.includes(code) === false) return [];
    return [
      {
        kind: 'failed-batch',
        code,
        shard,
        start_sequence_number: start,
        end_sequence_number: end,
        records,
        at,
      },
    ];
  });

export interface Group {
  readonly kind: Listed['kind'];
  readonly code: string;
  readonly count: number;
  /** The number of their records. */
  readonly records: number;
  readonly oldest: string;
  readonly newest: string;
}

/** Counts by reason, the most frequent first. */
export const groupByReason = async (listed: AsyncIterable<Listed>): Promise<readonly Group[]> => {
  const groups = new Map<string, Group>();
  for await (const entry of listed) {
    const { kind, code, at } = entry;
    const records = entry.kind === 'failed-batch' ? entry.records : 1;
    const group = groups.get(`${kind} ${code}`) ?? {
      kind,
      code,
      count: 0,
      records: 0,
      oldest: at,
      newest: at,
    };
    groups.set(`${kind} ${code}`, {
      ...group,
      count: group.count + 1,
      records: group.records + records,
      oldest: at < group.oldest ? at : group.oldest,
      newest: at > group.newest ? at : group.newest,
    });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
};

const COLUMNS: readonly Column[] = [
  { key: 'kind', head: 'what' },
  { key: 'code', head: 'reason' },
  { key: 'count', head: 'count' },
  { key: 'records', head: 'records' },
  { key: 'oldest', head: 'oldest' },
  { key: 'newest', head: 'newest' },
];

/** Counts by reason as a report. */
export const reasonsSection = (groups: readonly Group[]): Section =>
  tableSection(
    'reasons',
    'What was given up, by reason',
    COLUMNS,
    groups.map((group) => ({ ...group })),
  );
