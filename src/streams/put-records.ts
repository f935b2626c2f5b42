import { setTimeout as sleep } from 'node:timers/promises';
import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { transient } from '../aws-errors.ts';
import { errorName, must, PermanentError, TransientError } from '../errors.ts';
import type { CallOptions, OutgoingRecord, PutResult, RecordStream } from '../pipeline/destinations.ts';

export interface PutRecordsOptions {
  /** The stream's name. */
  readonly stream: string;
  /** Successive calls without an accepted record, before the remaining records count as failed. */
  readonly attempts?: number;
  /** The longest pause after a call with a record that was not accepted, in ms; it doubles with every further one. */
  readonly pauseMs?: number;
}

/** Kinesis accepts 500 records and 5 MiB in a call, the partition keys included. */
const MAX_RECORDS = 500;
const MAX_BYTES = 5 * 1024 * 1024;

/** Errors of a call that a record causes, such as a partition key of more than 256 characters. */
const REFUSALS = ['ValidationException', 'InvalidArgumentException', 'SerializationException'];

/** Kinesis's answer for one record: undefined where it was accepted, else the transient or permanent error. */
type Answer = string | PermanentError | undefined;

/**
 * Puts records with `PutRecords` and retries those that failed after a pause with full jitter. A call with status 200
 * may have failed records, and the records after them are accepted all the same: so a call has at most one record of a
 * partition key, and the next one waits until that is in the stream. Calls are made one after another.
 *
 * One invalid record makes Kinesis refuse the whole call. Its records are then sent one by one, so that only the one at
 * fault is rejected.
 *
 * @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
 */
export const putRecords = (
  client: KinesisClient,
  { stream, attempts = 8, pauseMs = 50 }: PutRecordsOptions,
): RecordStream => {
  const send = async (
    records: readonly OutgoingRecord[],
    { signal }: CallOptions,
  ): Promise<readonly Answer[]> => {
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

  const sendAlone = async (record: OutgoingRecord, options: CallOptions): Promise<Answer> => {
    try {
      return (await send([record], options))[0];
    } catch (cause) {
      return isRefusal(cause)
        ? new PermanentError('write-refused', `${stream} refused a record: ${errorName(cause)}`, { cause })
        : errorName(cause);
    }
  };

  /** @throws the error of a call that no record caused */
  const call = async (
    records: readonly OutgoingRecord[],
    options: CallOptions,
  ): Promise<readonly Answer[]> => {
    try {
      return await send(records, options);
    } catch (cause) {
      if (!isRefusal(cause)) throw cause;
    }
    const answers: Answer[] = [];
    for (const record of records) answers.push(await sendAlone(record, options));
    return answers;
  };

  const put = async (
    records: readonly OutgoingRecord[],
    options: CallOptions,
  ): Promise<readonly PutResult[]> => {
    const results = new Map<number, PutResult>();
    const left = new Set(records.keys());
    let fruitless = 0;
    let troubled = 0;
    let error = new TransientError(`${stream} gave no answer`);
    try {
      while (left.size > 0 && fruitless < attempts) {
        if (troubled > 0) await sleep(Math.random() * pauseMs * 2 ** (troubled - 1), undefined, options);
        options.signal?.throwIfAborted();
        const next = nextCall(records, left);
        const answers = await call([...next.values()], options);
        const before = left.size;
        let refusal: string | undefined;
        for (const [position, index] of [...next.keys()].entries()) {
          const answer = answers[position];
          if (typeof answer === 'string') {
            refusal ??= answer;
            continue;
          }
          left.delete(index);
          results.set(
            index,
            answer === undefined ? { kind: 'forwarded' } : { kind: 'rejected', error: answer },
          );
        }
        fruitless = left.size < before ? 0 : fruitless + 1;
        troubled = refusal === undefined ? 0 : troubled + 1;
        if (refusal !== undefined) error = new TransientError(`${stream} did not take a record: ${refusal}`);
      }
    } catch (cause) {
      error = transient(`PutRecords to ${stream} failed: ${errorName(cause)}`, cause);
    }
    return [...records.keys()].map((index) => results.get(index) ?? { kind: 'failed', error });
  };
  return { put: (records, options = {}) => put(records, options) };
};

const isRefusal = (error: unknown): boolean => REFUSALS.includes(errorName(error));

/** The first record left of each partition key, by its index, as many as a call holds. */
const nextCall = (
  records: readonly OutgoingRecord[],
  left: ReadonlySet<number>,
): ReadonlyMap<number, OutgoingRecord> => {
  const call = new Map<number, OutgoingRecord>();
  const keys = new Set<string>();
  let bytes = 0;
  for (const index of left) {
    const record = must(records[index], 'record to put');
    if (keys.has(record.partitionKey)) continue;
    bytes += record.data.length + Buffer.byteLength(record.partitionKey);
    // A record that is too large for a call is sent alone: Kinesis returns the error.
    if (call.size === MAX_RECORDS || (bytes > MAX_BYTES && call.size > 0)) break;
    keys.add(record.partitionKey);
    call.set(index, record);
  }
  return call;
};
