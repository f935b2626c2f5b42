import { setTimeout as sleep } from 'node:timers/promises';
import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { transient } from '../aws-errors.ts';
import { errorName, TransientError } from '../errors.ts';
import type { CallOptions, OutgoingRecord, PutResult, RecordStream } from '../pipeline/destinations.ts';

export interface PutRecordsOptions {
  /** The stream's name. */
  readonly stream: string;
  /** Calls in a row of which no record is taken, before those left count as failed. */
  readonly attempts?: number;
  /** The longest pause after a call of which a record was not taken, in ms; it doubles with every further one. */
  readonly pauseMs?: number;
}

/** Kinesis takes 500 records and 5 MiB in a call, the partition keys included. */
const MAX_RECORDS = 500;
const MAX_BYTES = 5 * 1024 * 1024;

/**
 * Puts records with `PutRecords` and sends those that were not taken again after a pause with full jitter. An answer of
 * 200 may say so of any of them, and those behind are taken all the same: so a call holds one record of a partition key
 * at most, and the next one waits until that is in the stream. Calls are made one after another.
 *
 * @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
 */
export const putRecords = (
  client: KinesisClient,
  { stream, attempts = 8, pauseMs = 50 }: PutRecordsOptions,
): RecordStream => {
  /** One call: says of each record why it was not taken, or undefined. */
  const send = async (
    records: readonly OutgoingRecord[],
    { signal }: CallOptions,
  ): Promise<readonly (string | undefined)[]> => {
    const command = new PutRecordsCommand({
      StreamName: stream,
      Records: records.map(({ partitionKey: PartitionKey, data: Data }) => ({ PartitionKey, Data })),
    });
    const answer = await client.send(command, signal && { abortSignal: signal });
    return records.map((_, index) => {
      const { SequenceNumber, ErrorCode } = answer.Records?.[index] ?? {};
      return SequenceNumber === undefined ? (ErrorCode ?? 'no answer') : ErrorCode;
    });
  };

  const put = async (
    records: readonly OutgoingRecord[],
    options: CallOptions,
  ): Promise<readonly PutResult[]> => {
    const left = new Set(records);
    let fruitless = 0;
    let troubled = 0;
    let error: TransientError | undefined;
    try {
      while (left.size > 0 && fruitless < attempts) {
        if (troubled > 0) await sleep(Math.random() * pauseMs * 2 ** (troubled - 1), undefined, options);
        options.signal?.throwIfAborted();
        const call = nextCall(left);
        const refusals = await send(call, options);
        const taken = call.filter((_, index) => refusals[index] === undefined);
        const refusal = refusals.find((reason) => reason !== undefined);
        for (const record of taken) left.delete(record);
        fruitless = taken.length > 0 ? 0 : fruitless + 1;
        troubled = refusal === undefined ? 0 : troubled + 1;
        error =
          refusal === undefined
            ? undefined
            : new TransientError(`${stream} did not take a record: ${refusal}`);
      }
    } catch (cause) {
      error = transient(`PutRecords to ${stream} failed: ${errorName(cause)}`, cause);
    }
    const failed: PutResult = {
      kind: 'failed',
      error: error ?? new TransientError(`${stream} gave no answer`),
    };
    return records.map((record) => (left.has(record) ? failed : { kind: 'forwarded' }));
  };
  return { put: (records, options = {}) => put(records, options) };
};

/** The first record of each partition key, in order, as many as a call holds. */
const nextCall = (records: ReadonlySet<OutgoingRecord>): readonly OutgoingRecord[] => {
  const call = new Map<string, OutgoingRecord>();
  let bytes = 0;
  for (const record of records) {
    if (call.has(record.partitionKey)) continue;
    bytes += record.data.length + Buffer.byteLength(record.partitionKey);
    if (call.size === MAX_RECORDS || bytes > MAX_BYTES) break;
    call.set(record.partitionKey, record);
  }
  return [...call.values()];
};
