import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { aggregate } from '../../src/tools/emulators/aws/kpl-aggregate.ts';
import type { Deadline } from '../../src/pipeline/deadline.ts';
import { labelBatch } from '../../src/pipeline/label-batch.ts';
import { firstUndone } from '../../src/pipeline/outcome.ts';
import { memoryLabels, memoryRejects, NO_DEADLINE, SETTINGS, toyModels } from '../support/fakes.ts';
import { base64, change, streamRecords } from '../support/records.ts';

const run = async (
  datas: readonly string[],
  { deadline = NO_DEADLINE, ...settings }: Partial<typeof SETTINGS> & { readonly deadline?: Deadline } = {},
) => {
  const rejects = memoryRejects();
  const parts = {
    models: toyModels(),
    labels: memoryLabels(),
    rejects,
    settings: { ...SETTINGS, ...settings },
  };
  const { records, outcomes } = await labelBatch(streamRecords(datas), parts, deadline);
  return {
    kinds: outcomes.map(({ kind }) => kind),
    undone: records[firstUndone(outcomes)]?.record.sequenceNumber,
    rejects: rejects.rejects,
  };
};

const sequenceNumberOf = (index: number) => streamRecords(Array(index + 1).fill(''))[index]?.sequenceNumber;
const inner = (datas: readonly string[]) =>
  base64(
    aggregate(datas.map((data, index) => ({ partitionKey: `k${index}`, data: Buffer.from(data, 'base64') }))),
  );

/** A change that is so many characters long when it is unpacked, and a few bytes before. */
const packed = (id: string, characters: number) =>
  gzipSync(Buffer.from(change(id, id, { eventId: 'x'.repeat(characters) }), 'base64')).toString('base64');

describe('what a batch unpacks to', () => {
  it('is read up to a limit; the next delivery begins with the rest', async () => {
    const datas = ['a', 'b', 'c', 'd'].map((id) => packed(id, 10_000));
    const { kinds, undone, rejects } = await run(datas, { maxDecodedBytes: 15_000 });
    expect(kinds).toEqual(['labelled', 'labelled', 'failed', 'failed']);
    expect(undone).toBe(sequenceNumberOf(2));
    expect(rejects).toEqual([]);
  });

  it('is limited for each record of the stream by itself: of one that passes it, the rest is rejected', async () => {
    const bomb = inner(['a', 'b', 'c', 'd'].map((id) => packed(id, 10_000)));
    const { kinds, rejects } = await run([bomb], { maxDecodedBytes: 15_000 });
    expect(kinds).toEqual(['labelled', 'rejected', 'rejected', 'rejected']);
    expect(rejects.map(({ error }) => error.code)).toEqual([
      'bad-gzip',
      'record-too-large',
      'record-too-large',
    ]);
    const plain = inner(['a', 'b', 'c'].map((id) => change(id, id, { eventId: 'x'.repeat(10_000) })));
    const behind = await run([change('x', 'x'), plain, change('y', 'y')], { maxDecodedBytes: 15_000 });
    expect(behind.kinds).toEqual(['labelled', 'labelled', 'labelled', 'rejected', 'failed']);
    expect(behind.rejects.map(({ error }) => error.code)).toEqual(['record-too-large']);
  });

  it('is read while there is time to do something with it, and one record in any case', async () => {
    let now = 0;
    const deadline = {
      ...NO_DEADLINE,
      remainingMs: () => {
        now += 100;
        return 1_000 - now;
      },
    };
    const datas = Array.from({ length: 20 }, (_, index) => change(String(index), String(index)));
    const { kinds, undone } = await run(datas, { deadline, deadlineMarginMs: 0 });
    expect(kinds.slice(0, 2)).toEqual(['labelled', 'labelled']);
    expect(kinds.at(-1)).toBe('failed');
    expect(undone).toBe(sequenceNumberOf(kinds.indexOf('failed')));
    expect((await run(datas, { deadline: { ...deadline, remainingMs: () => 0 } })).undone).toBe(
      sequenceNumberOf(0),
    );
  });

  it.each([
    ['bytes that are no UTF-8', gzipSync(Buffer.alloc(10_000, 0xff)), 'bad-utf8'],
    ['text that is no JSON', gzipSync('x'.repeat(10_000)), 'bad-json'],
    ['more than a record may', gzipSync('x'.repeat(20_000)), 'bad-gzip'],
    ['what is cut off', gzipSync('x'.repeat(10_000)).subarray(0, -9), 'bad-gzip'],
  ])('counts %s', async (_, bytes, code) => {
    const bad = bytes.toString('base64');
    const datas = [bad, bad, bad, change('a', 'a')];
    const batch = await run(datas, { maxDecodedBytes: 15_000 });
    expect(batch.kinds.at(-1)).toBe('failed');
    expect(batch.rejects[0]?.error.code).toBe(code);
    const aggregated = await run([inner(datas)], { maxDecodedBytes: 15_000 });
    expect(aggregated.rejects.at(-1)?.error.code).toBe('record-too-large');
  });

  it('is as many records as settings say, in whole records of the stream, and one of these in any case', async () => {
    const inners = (ids: readonly string[]) => inner(ids.map((id) => change(id, id)));
    const datas = [change('x', 'x'), inners(['a', 'b', 'c']), inners(['d', 'e', 'f']), change('y', 'y')];
    const { kinds, undone, rejects } = await run(datas, { maxRecords: 5 });
    expect(kinds).toEqual([...Array(4).fill('labelled'), 'failed', 'failed']);
    expect([undone, rejects]).toEqual([sequenceNumberOf(2), []]);
    const first = await run([inners(['a', 'b', 'c']), change('y', 'y')], { maxRecords: 1 });
    expect(first.kinds).toEqual([...Array(3).fill('labelled'), 'failed']);
  });

  it('is done with in the end, whatever the records are and however small the limits', async () => {
    const data = fc.oneof(
      fc.constantFrom(change('a', 'a'), base64('{'), packed('b', 2_000), gzipSync('x').toString('base64')),
      fc.array(fc.constantFrom(change('c', 'c'), base64('{')), { minLength: 1, maxLength: 6 }).map(inner),
    );
    const limits = fc.record({ maxRecords: fc.nat({ max: 8 }), maxDecodedBytes: fc.nat({ max: 5_000 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(data, { maxLength: 12 }), limits, async (datas, settings) => {
        for (let left = datas, before = Infinity; left.length > 0;) {
          expect(left.length).toBeLessThan(before);
          before = left.length;
          const { undone } = await run(left, settings);
          const next = streamRecords(left).findIndex(({ sequenceNumber }) => sequenceNumber === undone);
          left = next === -1 ? [] : left.slice(next);
        }
      }),
    );
  });

  it.each([
    ['plain JSON', `{"id":"a","text":"x","x":[${'1,'.repeat(300_000)}1]}`],
    [
      'a change',
      `{"eventName":"INSERT","dynamodb":{"Keys":{"id":{"S":"a"}},"NewImage":{"x":[${'{},'.repeat(150_000)}{}]}}}`,
    ],
  ])('is no record of too many values, as %s', async (_, json) => {
    const { kinds, rejects } = await run([gzipSync(json).toString('base64'), change('b', 'b')]);
    expect(kinds).toEqual(['rejected', 'labelled']);
    expect(rejects[0]?.error).toMatchObject({
      code: 'record-too-large',
      message: 'the record has more than 300000 values',
    });
  });

  it('may be as many values as DynamoDB puts into a record of a megabyte', async () => {
    const image = { id: { S: 'a' }, text: { S: 'x' }, x: { L: Array(104_000).fill({ N: '1' }) } };
    const { kinds } = await run([change('a', 'x', { newImage: image })]);
    expect(kinds).toEqual(['labelled']);
  });

  it('may be ten thousand records within an aggregate, and not one more', async () => {
    const records = (count: number) => [
      base64(aggregate(Array(count).fill({ partitionKey: 'a', data: '' }))),
    ];
    const most = await run(records(10_000));
    expect([most.kinds.length, new Set(most.kinds)]).toEqual([10_000, new Set(['rejected'])]);
    const more = await run(records(10_001));
    expect(more.kinds).toEqual(['rejected']);
    expect(more.rejects[0]?.error.message).toMatch(/it holds more than 10000 records$/);
  });
});

describe('the reason of a reject', () => {
  it.each([
    ['a text that is no attribute value', { text: 'secret '.repeat(5_000) }],
    [
      'a text with attributes of its own',
      { text: Object.fromEntries([...Array(9)].map((_, i) => [`secret${i}`, 1])) },
    ],
    ['a model', { text: { S: 'x' }, model_type: { S: 'secret' } }],
    ['a model that is no attribute value', { text: { S: 'x' }, model_type: { secret: 'x' } }],
    ['a text within a text', { textblob: { S: '{"secret": 1}' } }],
  ])('is short and quotes nothing of %s', async (_, newImage) => {
    const { kinds, rejects } = await run([change('a', '', { newImage: newImage as never })]);
    expect(kinds).toEqual(['rejected']);
    expect(rejects[0]?.error.message).not.toMatch(/secret/);
    expect(rejects[0]?.error.message.length).toBeLessThan(300);
  });
});
