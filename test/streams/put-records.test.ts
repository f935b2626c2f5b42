import { KinesisClient, PutRecordsCommand, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { TransientError } from '../../src/errors.ts';
import type { OutgoingRecord } from '../../src/pipeline/destinations.ts';
import { putRecords } from '../../src/streams/put-records.ts';

const FAILED = { kind: 'failed', error: expect.any(TransientError) };

const record = (partitionKey: string, data: string | Buffer): OutgoingRecord => ({
  partitionKey,
  data: Buffer.from(data as string),
});

/** A stream that takes the records that `takes` says it does; it keeps them, and the calls. */
const streamThat = (takes: (entry: PutRecordsRequestEntry, call: number) => boolean) => {
  const calls: PutRecordsRequestEntry[][] = [];
  const taken: string[] = [];
  const client = mockClient(KinesisClient)
    .on(PutRecordsCommand)
    .callsFake(async ({ Records }: { Records: PutRecordsRequestEntry[] }) => {
      calls.push(Records);
      const answers = Records.map((entry) => {
        if (!takes(entry, calls.length)) return { ErrorCode: 'ProvisionedThroughputExceededException' };
        taken.push(`${entry.PartitionKey}:${Buffer.from(entry.Data ?? '').toString()}`);
        return { SequenceNumber: '1', ShardId: 'shardId-000000000000' };
      });
      return { FailedRecordCount: 1, Records: answers };
    });
  const stream = putRecords(client as unknown as KinesisClient, { stream: 's', attempts: 3, pauseMs: 0 });
  return { calls, taken, stream };
};

describe('putRecords', () => {
  it('sends again only what was not taken', async () => {
    const { calls, stream } = streamThat(({ PartitionKey }, call) => PartitionKey !== 'b' || call > 2);
    const results = await stream.put(['a', 'b', 'c'].map((key) => record(key, key)));
    expect(results).toEqual(Array(3).fill({ kind: 'forwarded' }));
    expect(calls.map((call) => call.map(({ PartitionKey }) => PartitionKey))).toEqual([
      ['a', 'b', 'c'],
      ['b'],
      ['b'],
    ]);
  });

  it('keeps within 500 records and 5 MiB a call', async () => {
    const small = streamThat(() => true);
    await small.stream.put(Array.from({ length: 1_001 }, (_, index) => record(`key-${index}`, 'x')));
    expect(small.calls.map(({ length }) => length)).toEqual([500, 500, 1]);
    const large = streamThat(() => true);
    const megabyte = Buffer.alloc(1024 * 1024 - 1);
    await large.stream.put(
      Array.from({ length: 11 }, (_, index) => record(String.fromCharCode(97 + index), megabyte)),
    );
    expect(large.calls.map(({ length }) => length)).toEqual([5, 5, 1]);
  });

  it('gives a record up, and those of its key behind it, once the stream takes nothing any more', async () => {
    const { taken, stream } = streamThat(({ PartitionKey }) => PartitionKey !== 'b');
    const results = await stream.put([
      record('a', '1'),
      record('b', '1'),
      record('b', '2'),
      record('a', '2'),
    ]);
    expect(results).toEqual([{ kind: 'forwarded' }, FAILED, FAILED, { kind: 'forwarded' }]);
    expect(taken).toEqual(['a:1', 'a:2']);
  });

  it('fails what a call that failed as a whole was to send, and all behind it', async () => {
    const client = mockClient(KinesisClient)
      .on(PutRecordsCommand)
      .resolvesOnce({ FailedRecordCount: 0, Records: [{ SequenceNumber: '1' }] })
      .rejects(Object.assign(new Error('no'), { name: 'ResourceNotFoundException' }));
    const results = await putRecords(client as unknown as KinesisClient, { stream: 's' }).put([
      record('a', '1'),
      record('a', '2'),
    ]);
    expect(results).toEqual([{ kind: 'forwarded' }, FAILED]);
  });

  it('rejects only the record for which Kinesis refuses a call, and sends those of its key behind it', async () => {
    const taken: string[][] = [];
    const client = mockClient(KinesisClient)
      .on(PutRecordsCommand)
      .callsFake(async ({ Records }: { Records: PutRecordsRequestEntry[] }) => {
        const texts = Records.map(({ Data }) => Buffer.from(Data ?? '').toString());
        if (texts.includes('bad'))
          throw Object.assign(new Error('a secret'), { name: 'ValidationException' });
        taken.push(texts);
        return { Records: texts.map(() => ({ SequenceNumber: '1' })) };
      });
    const stream = putRecords(client as unknown as KinesisClient, { stream: 's', pauseMs: 0 });
    const results = await stream.put([
      record('a', '1'),
      record('b', 'bad'),
      record('c', '2'),
      record('b', '3'),
    ]);
    expect(results.map(({ kind }) => kind)).toEqual(['forwarded', 'rejected', 'forwarded', 'forwarded']);
    expect(results[1]).toMatchObject({
      error: { code: 'write-refused', message: 's refused a record: ValidationException' },
    });
    expect(taken).toEqual([['1'], ['2'], ['3']]);
  });

  it('puts a record as often as it is given', async () => {
    const { taken, stream } = streamThat(() => true);
    const one = record('a', '1');
    expect(await stream.put([one, one])).toEqual([{ kind: 'forwarded' }, { kind: 'forwarded' }]);
    expect(taken).toEqual(['a:1', 'a:1']);
  });

  it('counts a record as not taken that the answer leaves out', async () => {
    const client = mockClient(KinesisClient).on(PutRecordsCommand).resolves({ Records: [] });
    const stream = putRecords(client as unknown as KinesisClient, { stream: 's', attempts: 2, pauseMs: 0 });
    expect(await stream.put([record('a', '1')])).toEqual([FAILED]);
  });

  it('sends nothing for nothing, or when time is up', async () => {
    const { calls, stream } = streamThat(() => true);
    expect(await stream.put([])).toEqual([]);
    expect(await stream.put([record('a', '1')], { signal: AbortSignal.abort() })).toEqual([FAILED]);
    expect(calls).toEqual([]);
  });

  it('lets no record overtake another of its key, whatever fails, and takes none twice', async () => {
    const records = fc
      .array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 })
      .map((keys) => keys.map((key, index) => record(key, String(index))));
    await fc.assert(
      fc.asyncProperty(records, fc.infiniteStream(fc.boolean()), async (records, fates) => {
        const { taken, stream } = streamThat(() => fates.next().value === true);
        const results = await stream.put(records);
        for (const key of ['a', 'b', 'c']) {
          const wanted = records.flatMap(({ partitionKey, data }, index) =>
            partitionKey === key && results[index]?.kind === 'forwarded' ? [`${key}:${data.toString()}`] : [],
          );
          expect(taken.filter((one) => one.startsWith(key))).toEqual(wanted);
          const kinds = records.flatMap(({ partitionKey }, index) =>
            partitionKey === key ? [results[index]?.kind] : [],
          );
          // What failed of a key is its end.
          expect(kinds.lastIndexOf('forwarded')).toBeLessThan(kinds.indexOf('failed') >>> 0);
        }
      }),
    );
  });
});
