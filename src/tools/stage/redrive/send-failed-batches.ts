import { type FailedBatch, toFailedBatch } from './failed-batches.ts';
import { must } from '../../../errors.ts';
import { putRecords } from '../../../streams/put-records.ts';
import type { Messages } from './queue.ts';
import { readRange } from './read-range.ts';
import { isInShards, type Selection } from './selection.ts';
import { type Redriven, type SendOptions, StreamFailedError, whyNot } from './send-rejects.ts';
import { inStreamOrder } from './stream-order.ts';
import type { Target } from './target.ts';

/** The stream that batches are read from and put into. */
export interface StreamTarget {
  readonly kinesis: Target['kinesis'];
  readonly names: Pick<Target['names'], 'stream'>;
}

/**
 * Re-reads the records that the stream still has of each failed batch, puts them into the stream again, and deletes the
 * message once the stream has all of them. If some records are lost, it puts the others and keeps the message, which
 * identifies the lost ones.
 *
 * @throws StreamFailedError where the stream accepts no more records
 */
export async function* sendFailedBatches(
  target: StreamTarget,
  queue: Messages,
  selection: Selection,
  options: SendOptions = {},
): AsyncGenerator<Redriven> {
  const messages = inStreamOrder(
    queue.messages.map((message) => {
      const batch = toFailedBatch(message.body);
      return { message, batch, shard: batch?.shard ?? '', sequenceNumber: batch?.start ?? '' };
    }),
  );
  for (const { message, batch } of messages) {
    if (batch === undefined) {
      const what = `message ${message.id}`;
      yield { kind: 'failed-batch', what, records: 0, kept: 'it describes no batch' };
      continue;
    }
    if (!isInShards(selection, batch)) continue;
    const sent = await sendBatch(target, batch, options);
    const kept = sent.failed ?? sent.kept;
    if (kept === undefined && !options.dryRun) await queue.delete(message);
    const what = `${batch.shard} ${batch.start} to ${batch.end}`;
    yield { kind: 'failed-batch', what, records: sent.records, ...(kept !== undefined && { kept }) };
    if (sent.failed !== undefined) throw new StreamFailedError(sent.failed);
  }
}

interface Sent {
  readonly records: number;
  readonly kept?: string;
  /** Why the stream takes no more. */
  readonly failed?: string;
}

const sendBatch = async (
  { kinesis, names: { stream } }: StreamTarget,
  batch: FailedBatch,
  { dryRun = false, ...options }: SendOptions,
): Promise<Sent> => {
  if (batch.stream !== stream) return { records: 0, kept: `it is of ${batch.stream}, not of ${stream}` };
  const target = putRecords(kinesis, { ...options, stream });
  let found = 0;
  let taken = 0;
  let first: string | undefined;
  let refused: string | undefined;
  for await (const page of readRange(kinesis, batch)) {
    first ??= page[0]?.SequenceNumber;
    found += page.length;
    if (dryRun) continue;
    const records = page.map(({ PartitionKey, Data }) => ({
      partitionKey: must(PartitionKey, 'PartitionKey of a record'),
      data: Buffer.from(must(Data, 'Data of a record')),
    }));
    const results = await target.put(records);
    taken += results.filter(({ kind }) => kind === 'forwarded').length;
    for (const result of results) {
      if (result.kind === 'failed') {
        return { records: taken, failed: `Stream ${stream} accepts no more records: ${whyNot(result)}` };
      }
      if (result.kind === 'rejected') refused = whyNot(result);
    }
  }
  const records = dryRun ? found : taken;
  // A stream deletes its oldest records first: if it has the first one, it has all.
  const lost = first === batch.start ? batch.records - found : Math.max(1, batch.records - found);
  if (lost > 0) {
    return { records, kept: `at least ${lost} of its ${batch.records} records are no longer in the stream` };
  }
  return { records, ...(refused !== undefined && { kept: `the stream refused a record: ${refused}` }) };
};
