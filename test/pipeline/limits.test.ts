import { gzipSync } from 'node:zlib';
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
    const { kinds, undone, rejects } = await run(datas, { maxDecodedCharacters: 15_000 });
    expect(kinds).toEqual(['labelled', 'labelled', 'failed', 'failed']);
    expect(undone).toBe(sequenceNumberOf(2));
    expect(rejects).toEqual([]);
  });

  it('is limited for each record of the stream by itself: of one that passes it, the rest is rejected', async () => {
    const bomb = inner(['a', 'b', 'c', 'd'].map((id) => packed(id, 10_000)));
    const { kinds, rejects } = await run([bomb], { maxDecodedCharacters: 15_000 });
    expect(kinds).toEqual(['labelled', 'rejected', 'rejected', 'rejected']);
    expect(rejects.map(({ error }) => error.code)).toEqual(['bad-gzip', 'bad-gzip', 'bad-gzip']);
    const plain = inner(['a', 'b', 'c'].map((id) => change(id, id, { eventId: 'x'.repeat(10_000) })));
    const behind = await run([change('x', 'x'), plain, change('y', 'y')], { maxDecodedCharacters: 15_000 });
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
