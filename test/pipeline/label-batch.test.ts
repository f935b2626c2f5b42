import fc from 'fast-check';
import { PermanentError, TransientError } from '../../src/errors.ts';
import { changeRecordJson } from '../../src/tools/emulators/aws/native-fan-out.ts';
import { aggregate } from '../../src/tools/emulators/aws/kpl-aggregate.ts';
import { sha256 } from '../../src/tasks/content-hash.ts';
import type { Deadline } from '../../src/pipeline/deadline.ts';
import { labelBatch } from '../../src/pipeline/label-batch.ts';
import { firstUndone } from '../../src/pipeline/outcome.ts';
import { TABLE } from '../support/documents.ts';
import {
  firstLabel,
  memoryLabels,
  memoryRejects,
  NO_DEADLINE,
  SETTINGS,
  toyModels,
} from '../support/fakes.ts';
import { base64, change, removal, streamRecords } from '../support/records.ts';

const run = async (
  datas: readonly string[],
  {
    models = toyModels(),
    labels = memoryLabels(),
    rejects = memoryRejects(),
    deadline = NO_DEADLINE,
    settings = SETTINGS,
  }: Partial<{
    models: ReturnType<typeof toyModels>;
    labels: ReturnType<typeof memoryLabels>;
    rejects: ReturnType<typeof memoryRejects>;
    deadline: Deadline;
    settings: typeof SETTINGS;
  }> = {},
) => {
  const { outcomes } = await labelBatch(
    streamRecords(datas),
    { models, labels, rejects, settings },
    deadline,
  );
  return {
    kinds: outcomes.map(({ kind }) => kind),
    outcomes,
    models,
    labels: labels.labels,
    rejects: rejects.rejects,
  };
};

const poison = base64('not JSON');

describe('labelBatch', () => {
  it('labels the texts of a batch', async () => {
    const { kinds, labels } = await run([change('a', 'one'), change('b', 'three')]);
    expect(kinds).toEqual(['labelled', 'labelled']);
    expect([...labels.values()]).toEqual(['length-3', 'length-5']);
  });

  it('classifies the newest text of an item only, and each distinct text once', async () => {
    const { kinds, models } = await run([
      change('a', 'newest', { createdMicros: 3e15 }),
      change('a', 'older', { createdMicros: 2e15 }),
      change('b', 'newest'),
    ]);
    expect(kinds).toEqual(['labelled', 'superseded', 'labelled']);
    expect(models.texts).toEqual(['newest']);
  });

  it('labels the text that an item holds where two were written in the same millisecond', async () => {
    const labels = memoryLabels((write) =>
      firstLabel(write) === 'length-3' ? undefined : { kind: 'superseded' },
    );
    for (const texts of [
      ['one', 'older'],
      ['older', 'one'],
    ]) {
      const { kinds } = await run(
        texts.map((text) => change('a', text)),
        { labels },
      );
      expect(kinds.toSorted()).toEqual(['labelled', 'superseded']);
    }
  });

  it.each([
    ['removed', 'a removal', removal('a', 'gone')],
    [
      'removed',
      'a removal by time to live',
      base64(
        changeRecordJson({
          eventName: 'REMOVE',
          table: TABLE,
          keys: { id: { S: 'a' } },
          oldImage: { id: { S: 'a' }, text: { S: 'gone' } },
          createdMicros: 1,
          userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
        }),
      ),
    ],
    ['no-text', 'a path that leads nowhere', change('a', 'x', { newImage: { message: { S: 'no map' } } })],
    ['no-text', 'an item without a text', change('a', undefined)],
    ['no-text', 'a NULL text', change('a', 'x', { newImage: { text: { NULL: true } } })],
    ['other-table', 'a record of another table', change('a', 'x', { table: 'another' })],
    [
      'already-labelled',
      'our own write coming back',
      change('a', 'x', {
        newImage: {
          text: { S: 'x' },
          label_hash: { S: sha256('x') },
          label_model: { S: 'toy@1' },
          label: { S: 'y' },
        },
      }),
    ],
  ])('skips (%s) %s without an inference', async (reason, _, data) => {
    const { outcomes, models } = await run([data]);
    expect(outcomes).toEqual([{ kind: 'skipped', reason }]);
    expect(models.texts).toEqual([]);
  });

  it.each([
    ['of another text', { label_hash: { S: sha256('old') }, label_model: { S: 'toy@1' } }],
    ['of another model version', { label_hash: { S: sha256('x') }, label_model: { S: 'toy@0' } }],
    ['that is incomplete', { label: { S: 'y' } }],
  ])('classifies an item with a label %s', async (_, labels) => {
    const { kinds } = await run([change('a', 'x', { newImage: { text: { S: 'x' }, ...labels } })]);
    expect(kinds).toEqual(['labelled']);
  });

  it('takes the default model where the item names none', async () => {
    const image = { text: { S: 'x' }, model_type: { NULL: true } };
    expect((await run([change('a', 'x', { newImage: image })])).kinds).toEqual(['labelled']);
  });

  it.each([
    ['bad-json', poison],
    ['bad-text', change('a', 'x', { newImage: { text: { N: '1' } } })],
    ['bad-text', base64('{"textblob": "no JSON string"}')],
    ['bad-text', base64('{"textblob": "[1]"}')],
    ['bad-text', base64('{"text": "\\ud800"}')],
    ['text-too-long', change('a', '🎉'.repeat(101))],
    ['unknown-model', change('a', 'x', { newImage: { text: { S: 'x' }, model_type: { S: 'nobody' } } })],
    ['bad-score', change('a', 'NaN')],
  ])('puts poison (%s) among the rejects and goes on', async (code, data) => {
    const { kinds, rejects, labels } = await run([change('x', 'before'), data, change('y', 'behind')]);
    expect(kinds).toEqual(['labelled', 'rejected', 'labelled']);
    expect(rejects).toEqual([{ ...streamRecords(['', data])[1], error: expect.objectContaining({ code }) }]);
    expect(labels.size).toBe(2);
  });

  it('keeps poison though a newer change of its item is in the batch', async () => {
    const { kinds, rejects } = await run([
      change('a', 'x'.repeat(200), { createdMicros: 1e15 }),
      change('a', 'newer', { createdMicros: 2e15 }),
    ]);
    expect(kinds).toEqual(['rejected', 'labelled']);
    expect(rejects).toHaveLength(1);
  });

  it('reads plain JSON: the text inside the JSON string, the key from the attribute or the partition key', async () => {
    const { kinds, models, labels } = await run([
      base64('{"textblob":"\\"one\\""}'),
      base64('{"id":"b","text":"three"}'),
    ]);
    expect(kinds).toEqual(['labelled', 'labelled']);
    expect(models.texts).toEqual(['one', 'three']);
    expect([...labels.keys()]).toEqual(['documents{"id":{"S":"partition-0"}}', 'documents{"id":{"S":"b"}}']);
  });

  it('labels every record of an aggregate, and stores the poison in it under a key of its own', async () => {
    const inner = [change('a', 'one'), poison, change('b', 'three'), base64('also not JSON')];
    const records = inner.map((data, index) => ({
      partitionKey: `key-${index}`,
      data: Buffer.from(data, 'base64'),
    }));
    const { kinds, rejects, labels } = await run([change('x', 'before'), base64(aggregate(records)), '!']);
    expect(kinds).toEqual(['labelled', 'labelled', 'rejected', 'labelled', 'rejected', 'rejected']);
    expect([...labels.values()]).toEqual(['length-6', 'length-3', 'length-5']);
    const [, carrier, behind] = streamRecords(['', '', '!']);
    expect(rejects.map(({ error, ...record }) => [error.code, record])).toEqual([
      [
        'bad-json',
        { ...carrier, sequenceNumber: `${carrier?.sequenceNumber}#1`, partitionKey: 'key-1', data: poison },
      ],
      [
        'bad-json',
        { ...carrier, sequenceNumber: `${carrier?.sequenceNumber}#3`, partitionKey: 'key-3', data: inner[3] },
      ],
      ['bad-base64', behind],
    ]);
  });

  it('rejects an aggregate whole where none of its records can be trusted', async () => {
    const data = base64(aggregate([{ partitionKey: 'a', data: '{}' }]).subarray(0, -1));
    const { kinds, rejects } = await run([data, change('a', 'one')]);
    expect(kinds).toEqual(['rejected', 'labelled']);
    expect(rejects).toEqual([
      { ...streamRecords([data])[0], error: expect.objectContaining({ code: 'bad-aggregate' }) },
    ]);
  });

  it('names the record of the stream to deliver again where one in an aggregate failed', async () => {
    const labels = memoryLabels((write) =>
      firstLabel(write) === 'length-5'
        ? { kind: 'failed', error: new TransientError('throttled') }
        : undefined,
    );
    const inner = ['one', 'three'].map((text) => ({
      partitionKey: text,
      data: Buffer.from(change(text, text), 'base64'),
    }));
    const batch = streamRecords([change('x', 'x'), base64(aggregate(inner)), change('y', 'y')]);
    const parts = { models: toyModels(), labels, rejects: memoryRejects(), settings: SETTINGS };
    const { records, outcomes } = await labelBatch(batch, parts, NO_DEADLINE);
    expect(records[firstUndone(outcomes)]?.record).toEqual(streamRecords(['', base64(aggregate(inner))])[1]);
  });

  it.each([
    ['a map', { message: { M: { body: { S: 'nested' } } } }, ['message', 'body']],
    ['a list', { parts: { L: [{ S: 'x' }, { M: { text: { S: 'nested' } } }] } }, ['parts', 1, 'text']],
    ['an attribute named like a path', { 'message.body': { S: 'nested' } }, ['message.body']],
  ])('finds a text in %s', async (_, newImage, path) => {
    const paths: unknown[] = [];
    const labels = memoryLabels(({ document }) => void paths.push(document.holds.at(-1)?.path));
    const { kinds, models } = await run([change('a', 'x', { newImage })], { labels });
    expect([kinds, models.texts, paths]).toEqual([['labelled'], ['nested'], [path]]);
  });

  it('tells items with binary keys and with keys of 38 digits apart', async () => {
    const keyed = (id: object) => change('', 'x', { keys: { id }, newImage: { id, text: { S: 'x' } } });
    const long = '1234567890123456789012345678901234567';
    const { labels } = await run([
      ...[{ B: 'AAE=' }, { B: 'AAI=' }, { S: 'AAE=' }, { N: `${long}8` }, { N: `${long}9` }].map(keyed),
      base64(`{"id": ${long}7, "text": "x"}`),
    ]);
    expect([...labels.keys()]).toEqual([
      'documents{"id":{"B":"AAE="}}',
      'documents{"id":{"B":"AAI="}}',
      'documents{"id":{"S":"AAE="}}',
      `documents{"id":{"N":"${long}8"}}`,
      `documents{"id":{"N":"${long}9"}}`,
      `documents{"id":{"N":"${long}7"}}`,
    ]);
  });

  it('keeps poison in the stream while rejects cannot be stored', async () => {
    const rejects = Object.assign(memoryRejects(), { failing: true });
    const { kinds } = await run([change('a', 'one'), poison, change('b', 'two')], { rejects });
    expect(kinds).toEqual(['labelled', 'failed', 'labelled']);
  });

  it('rejects what the store refuses and fails what it could not do', async () => {
    const labels = memoryLabels((write) => {
      const label = firstLabel(write);
      if (label === 'length-1') return { kind: 'rejected', error: new PermanentError('write-refused', 'no') };
      if (label === 'length-2') return { kind: 'failed', error: new TransientError('throttled') };
      return label === 'length-3' ? { kind: 'superseded' } : undefined;
    });
    const { kinds, outcomes } = await run(
      ['1', '22', '333', '4444'].map((text) => change(text, text)),
      { labels },
    );
    expect(kinds).toEqual(['rejected', 'failed', 'superseded', 'labelled']);
    expect(firstUndone(outcomes)).toBe(1);
  });

  it('lets superseded records share the fate of the one that stands for them', async () => {
    const labels = memoryLabels(() => ({ kind: 'failed', error: new TransientError('throttled') }));
    const { kinds } = await run([change('a', 'one'), change('a', 'two')], { labels });
    expect(kinds).toEqual(['failed', 'failed']);
  });

  it('has all records delivered again where the model cannot run', async () => {
    const { kinds } = await run([change('a', 'one'), poison], {
      models: Object.assign(toyModels(), { failing: true }),
    });
    expect(kinds).toEqual(['failed', 'rejected']);
  });

  it('tells two texts apart that are stored as the same characters', async () => {
    const stored = { S: '"hi"' };
    const { labels } = await run([
      change('a', '', { newImage: { id: { S: 'a' }, text: stored } }),
      change('b', '', { newImage: { id: { S: 'b' }, textblob: stored } }),
    ]);
    expect([...labels.values()]).toEqual(['length-4', 'length-2']);
  });

  it('counts a result that a store leaves out as failed', async () => {
    const labels = { put: async () => [], labels: new Map(), writes: [] };
    expect((await run([change('a', 'one')], { labels })).kinds).toEqual(['failed']);
  });

  it('stops before the deadline, with the first record not reached undone', async () => {
    let remaining = 1_000;
    const labels = memoryLabels(() => {
      remaining -= 150;
      return undefined;
    });
    const deadline = { ...NO_DEADLINE, remainingMs: () => remaining };
    const datas = Array.from({ length: 10 }, (_, index) => change(String(index), `text ${index}`));
    const { kinds, outcomes, rejects } = await run([...datas, poison], { labels, deadline });
    expect(kinds).toEqual([...Array(4).fill('labelled'), ...Array(6).fill('failed'), 'rejected']);
    expect(firstUndone(outcomes)).toBe(4);
    expect(rejects).toHaveLength(1);
  });

  it('does what is done, and only once more, when a batch is delivered again', async () => {
    const labels = memoryLabels();
    const once = await run([change('a', 'one'), poison], { labels });
    const again = await run([change('a', 'one'), poison], { labels });
    expect(again.kinds).toEqual(once.kinds);
  });

  it('ends every record in one outcome and loses none, whatever is in the batch', async () => {
    const data = fc.oneof(
      fc
        .tuple(fc.constantFrom('a', 'b', 'c'), fc.string(), fc.integer({ min: 1e15, max: 1e15 + 3 }))
        .map(([id, text, createdMicros]) => change(id, text, { createdMicros })),
      fc.constantFrom('a', 'b').map((id) => removal(id, 'gone')),
      fc.constantFrom(poison, '!', base64('{}'), change('a', 'NaN'), change('b', 'x'.repeat(200))),
      fc.json().map(base64),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(data, { maxLength: 20 }), fc.boolean(), async (datas, failing) => {
        const rejects = Object.assign(memoryRejects(), { failing });
        const { kinds, rejects: stored } = await run(datas, { rejects });
        expect(kinds).toHaveLength(datas.length);
        expect(stored).toHaveLength(kinds.filter((kind) => kind === 'rejected').length);
        expect(kinds.includes('failed')).toBe(failing && kinds.includes('failed'));
      }),
    );
  });
});
