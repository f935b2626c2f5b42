import pMap from 'p-map';
import { must } from '../../../errors.ts';
import type { PutResult } from '../../../pipeline/destinations.ts';
import { errorText } from '../../aws-fault.ts';
import { chunks } from '../../chunks.ts';
import { putRecords, type PutRecordsOptions } from '../../../streams/put-records.ts';
import { recover } from './recover.ts';
import { forgetReject, loadReject, type RejectEntry, scanRejects, type StoredReject } from './rejects.ts';
import type { Selection } from './selection.ts';
import { inStreamOrder } from './stream-order.ts';
import type { Target } from './target.ts';
import { UserError } from '../../user-error.ts';

/** The result of one reject, failed batch or message about objects. */
export interface Redriven {
  readonly kind: 'reject' | 'failed-batch' | 'failed-object';
  /** `stream/shardId sequenceNumber`, of a batch the first and the last; else the message's id. */
  readonly what: string;
  /** Records that the stream took, or the message that the queue took; of a dry run, what would be sent. */
  readonly records: number;
  /** Why it was kept, with its records sent or not; absent where it is done with. */
  readonly kept?: string;
}

export interface SendOptions extends Omit<PutRecordsOptions, 'stream'> {
  /** Reads all that would be sent, and sends and deletes nothing. */
  readonly dryRun?: boolean;
}

/** The stream accepts no more records; running the command again sends the rest. */
export class StreamFailedError extends UserError {
  override readonly name = 'StreamFailedError';
}

// Rejects whose data is in memory at a time, at most 2 MB each.
const AT_A_TIME = 50;

/**
 * Puts chosen rejects back into the stream, in its order, and deletes each once the stream has it. If it is interrupted
 * in between, a record is put twice, which does not change its label.
 *
 * @throws StreamFailedError where the stream accepts no more records
 */
export async function* sendRejects(
  target: Target,
  selection: Selection,
  options: SendOptions = {},
): AsyncGenerator<Redriven> {
  const chosen: RejectEntry[] = [];
  for await (const reject of scanRejects(target.dynamodb, target.names.rejects, selection))
    chosen.push(reject);
  for (const some of chunks(inStreamOrder(chosen), AT_A_TIME)) yield* sendSome(target, some, options);
}

async function* sendSome(
  { dynamodb, kinesis, names }: Target,
  entries: readonly RejectEntry[],
  { dryRun = false, ...options }: SendOptions,
): AsyncGenerator<Redriven> {
  const loaded = await pMap(entries, (entry) => loadReject(dynamodb, names.rejects, entry), {
    concurrency: 8,
  });
  // Deleted meanwhile: another run has sent it.
  const rejects = loaded.filter((reject): reject is StoredReject => reject !== undefined);
  // One at a time: a shard can be read five times a second.
  const recovered = await pMap(rejects, (reject) => recover(kinesis, names.stream, reject), {
    concurrency: 1,
  });
  const records = recovered.flatMap((found) => ('record' in found ? [found.record] : []));
  const results = dryRun ? [] : await putRecords(kinesis, { ...options, stream: names.stream }).put(records);
  let position = 0;
  let failed: string | undefined;
  for (const [index, reject] of rejects.entries()) {
    const found = must(recovered[index], 'record of a reject');
    const about = { kind: 'reject', what: `${reject.shard} ${reject.sequenceNumber}` } as const;
    if ('why' in found) {
      yield { ...about, records: 0, kept: found.why };
      continue;
    }
    const result = results[position];
    position += 1;
    if (dryRun) {
      yield { ...about, records: 1 };
    } else if (result?.kind === 'forwarded') {
      const gone = await forgetReject(dynamodb, names.rejects, reject);
      yield { ...about, records: 1, ...(!gone && { kept: 'it was rejected anew meanwhile' }) };
    } else {
      const why = whyNot(must(result, 'result of a record'));
      if (result?.kind === 'failed') failed = why;
      yield { ...about, records: 0, kept: `the stream did not take it: ${why}` };
    }
  }
  if (failed !== undefined)
    throw new StreamFailedError(`Stream ${names.stream} accepts no more records: ${failed}`);
}

/** The reason why a stream did not accept a record, from AWS's message if there is one. */
export const whyNot = (result: PutResult): string => {
  if (result.kind === 'forwarded') return '';
  const { cause, message } = result.error;
  return cause === undefined ? message : errorText(cause);
};
