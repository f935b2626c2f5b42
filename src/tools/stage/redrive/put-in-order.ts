import { setTimeout as sleep } from 'node:timers/promises';
import { type KinesisClient, PutRecordsCommand, type PutRecordsResultEntry } from '@aws-sdk/client-kinesis';
import { errorText } from '../../aws-fault.ts';

export interface PutRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** `refused` is for good; `failed` may be taken another time. */
export type PutResult =
  { readonly kind: 'taken' } | { readonly kind: 'refused' | 'failed'; readonly why: string };

export interface PutOptions {
  /** Rounds in a row that Kinesis may take nothing of, before the rest counts as failed. */
  readonly attempts?: number;
  /** The longest pause after the first such round, in ms; it doubles with every one. */
  readonly pauseMs?: number;
}

/** The limits of a call. */
const MAX_RECORDS = 500;
const MAX_BYTES = 5 * 1024 * 1024;
const REFUSALS = ['ValidationException', 'InvalidArgumentException', 'SerializationException'];

const isRefusal = (error: unknown): boolean => error instanceof Error && REFUSALS.includes(error.name);

const bytesOf = ({ partitionKey, data }: PutRecord): number => Buffer.byteLength(partitionKey) + data.length;

/**
 * Puts records into a stream in the order of each partition key: a call holds one record of a key at most, because
 * Kinesis may take a later record of a call and not an earlier one. What it does not take goes into the next call,
 * before all others of its key.
 *
 * @returns one result per record, in the order of the records; it does not throw for what Kinesis answers
 * @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
 */
export const putInOrder = async (
  kinesis: KinesisClient,
  stream: string,
  records: readonly PutRecord[],
  { attempts = 10, pauseMs = 50 }: PutOptions = {},
): Promise<readonly PutResult[]> => {
  const results: PutResult[] = records.map(() => ({ kind: 'failed', why: 'not tried' }));
  const queues = Map.groupBy(records.keys(), (index) => records[index]?.partitionKey ?? '');

  const settle = (index: number, result: PutResult): void => {
    results[index] = result;
    const key = records[index]?.partitionKey ?? '';
    const rest = (queues.get(key) ?? []).filter((other) => other !== index);
    if (rest.length > 0) queues.set(key, rest);
    else queues.delete(key);
  };

  const put = async (call: readonly number[]): Promise<void> => {
    const answers = await send(
      kinesis,
      stream,
      call.flatMap((index) => records[index] ?? []),
    );
    for (const [position, index] of call.entries()) {
      const { ErrorCode, ErrorMessage, SequenceNumber } = answers[position] ?? {};
      if (SequenceNumber !== undefined) settle(index, { kind: 'taken' });
      else results[index] = { kind: 'failed', why: `${ErrorCode ?? 'no answer'}: ${ErrorMessage ?? ''}` };
    }
  };

  for (let failures = 0; queues.size > 0 && failures < attempts;) {
    const left = [...queues.values()].flat().length;
    const call = firstOfEachKey(queues, records);
    try {
      await put(call);
    } catch (error) {
      if (!isRefusal(error)) {
        // The SDK has tried again what can be: no more of it here.
        const failed = { kind: 'failed', why: errorText(error) } as const;
        return results.map((result) => (result.kind === 'failed' ? failed : result));
      }
      // Kinesis refuses a call as a whole; alone, only the culprits are refused.
      for (const index of call) {
        await put([index]).catch((alone) => {
          if (isRefusal(alone)) settle(index, { kind: 'refused', why: errorText(alone) });
          else results[index] = { kind: 'failed', why: errorText(alone) };
        });
      }
    }
    failures = [...queues.values()].flat().length < left ? 0 : failures + 1;
    if (failures > 0) await sleep(Math.random() * pauseMs * 2 ** (failures - 1));
  }
  return results;
};

const firstOfEachKey = (
  queues: ReadonlyMap<string, readonly number[]>,
  records: readonly PutRecord[],
): readonly number[] => {
  const call: number[] = [];
  let bytes = 0;
  for (const [index] of queues.values()) {
    const record = index === undefined ? undefined : records[index];
    if (index === undefined || record === undefined) continue;
    bytes += bytesOf(record);
    if (call.length === MAX_RECORDS || (bytes > MAX_BYTES && call.length > 0)) break;
    call.push(index);
  }
  return call;
};

const send = async (
  kinesis: KinesisClient,
  StreamName: string,
  records: readonly PutRecord[],
): Promise<readonly PutRecordsResultEntry[]> => {
  const Records = records.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data }));
  return (await kinesis.send(new PutRecordsCommand({ StreamName, Records }))).Records ?? [];
};
