import { PermanentError, TransientError } from '../../../src/errors.ts';
import type { LabelEvent, PutResult } from '../../../src/pipeline/destinations.ts';
import { labelBatch } from '../../../src/pipeline/label-batch.ts';
import { sha256 } from '../../../src/tasks/content-hash.ts';
import { batchMeter } from '../../../src/telemetry/telemetry.ts';
import { TONE, TOY, UNSCORABLE } from '../../../src/tools/chaos/histories/toy-models.ts';
import { memoryLabels, memoryRejects, NO_DEADLINE, SETTINGS, toyModels } from '../../support/fakes.ts';
import { change, streamRecords } from '../../support/records.ts';

const FIRST = 1_719_347_890_250_647;
const FAILED: PutResult = { kind: 'failed', error: new TransientError('throttled') };
const REFUSED: PutResult = { kind: 'rejected', error: new PermanentError('forward-refused', 'too large') };

/** The label of a text, as the function writes it onto the item. */
const labelOf = (text: string, model = TOY) => ({
  [model.attribute]: { S: `length-${text.length}` },
  [`${model.attribute}_score`]: { N: '0.5' },
  [`${model.attribute}_model`]: { S: model.id },
  [`${model.attribute}_hash`]: { S: sha256(text) },
});
const item = (text: string, more: object = {}) => ({ id: { S: 'a' }, text: { S: text }, ...more });

/** A change of item `a`, by its images. */
const changed = (oldImage: object | undefined, newImage: object, after = 0) =>
  change('a', undefined, {
    eventName: oldImage === undefined ? 'INSERT' : 'MODIFY',
    newImage: newImage as never,
    ...(oldImage && { oldImage: oldImage as never }),
    createdMicros: FIRST + after,
  });
/** The record of the write of a label. */
const echo = (text: string, after = 1_000) => changed(item(text), item(text, labelOf(text)), after);

const run = async (
  datas: readonly string[],
  {
    answer = (_: LabelEvent): PutResult | undefined => ({ kind: 'forwarded' }),
    labels = memoryLabels(),
    settings = SETTINGS,
    isForwarded = true,
  } = {},
) => {
  const events: LabelEvent[] = [];
  const models = toyModels();
  const rejects = memoryRejects();
  const { meter, read } = batchMeter();
  const put = async (given: readonly LabelEvent[]) => {
    events.push(...given);
    return given.map((event) => answer(event)) as PutResult[];
  };
  const forwarding = isForwarded ? { to: { put }, source: '/labelstream/test' } : undefined;
  const { outcomes } = await labelBatch(
    streamRecords(datas),
    { models, labels, rejects, settings, forwarding },
    NO_DEADLINE,
    meter,
  );
  return {
    kinds: outcomes.map(({ kind }) => kind),
    labelled: events.map(({ data }) => `${data.model} ${String(data.answer.label)}`),
    ...{ outcomes, events, models, rejects: rejects.rejects, measured: read() },
  };
};

describe('a label that is forwarded', () => {
  it('is a CloudEvent, which has the item, the model and the answer, but not the text', async () => {
    const { events } = await run([changed(undefined, item('a secret'))]);
    expect(events).toEqual([
      {
        specversion: '1.0',
        id: sha256(
          JSON.stringify(['documents{"id":{"S":"a"}}', 'toy@1', sha256('a secret'), { S: 'length-8' }]),
        ),
        source: '/labelstream/test',
        type: 'labelstream.item.labelled.v1',
        subject: 'documents{"id":{"S":"a"}}',
        time: '2024-06-25T20:38:10.250647Z',
        datacontenttype: 'application/json',
        data: {
          table: 'documents',
          keys: { id: { S: 'a' } },
          model: 'toy@1',
          attribute: 'label',
          hash: sha256('a secret'),
          answer: { label: 'length-8', label_score: 0.5 },
        },
      },
    ]);
    expect(JSON.stringify(events)).not.toContain('a secret');
  });

  it('is forwarded by each model of the item, the answer under the same names', async () => {
    const { events } = await run([changed(undefined, item('one', { model_type: { S: 'toy,tone' } }))]);
    expect(events.map(({ data: { model, attribute, answer } }) => [model, attribute, answer.label])).toEqual([
      ['toy@1', 'label', 'length-3'],
      ['tone@1', 'tone', 'tone@1 length-3'],
    ]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
  });

  it.each(['labelled', 'unchanged'] as const)('was %s', async (kind) => {
    const { kinds, labelled } = await run([changed(undefined, item('one'))], {
      labels: memoryLabels(() => ({ kind })),
    });
    expect([kinds, labelled]).toEqual([[kind], ['toy@1 length-3']]);
  });

  it.each([
    ['superseded', { kind: 'superseded' }],
    ['rejected', { kind: 'rejected', error: new PermanentError('write-refused', 'no') }],
    ['failed', { kind: 'failed', error: new TransientError('throttled') }],
  ] as const)('is not, where the write is %s', async (kind, result) => {
    const { kinds, events } = await run([changed(undefined, item('one'))], {
      labels: memoryLabels(() => result),
    });
    expect([kinds, events]).toEqual([[kind], []]);
  });

  it('is not an error in place of a label, nor the removal of one', async () => {
    const { kinds, events } = await run([
      change('a', UNSCORABLE),
      change('b', undefined, { newImage: { id: { S: 'b' }, ...labelOf('one') } }),
    ]);
    expect([kinds, events]).toEqual([['rejected', 'cleared'], []]);
  });

  it('has the id that it had before, whatever the time of the change', async () => {
    const [first] = (await run([changed(undefined, item('one'))])).events;
    const [again] = (await run([changed(item('two'), item('one'), 5_000)])).events;
    const [other] = (await run([changed(undefined, item('two'))])).events;
    expect(again?.id).toBe(first?.id);
    expect(again?.time).not.toBe(first?.time);
    expect(other?.id).not.toBe(first?.id);
  });
});

describe('the outcome of a record', () => {
  const datas = [change('a', 'one'), change('b', 'three')];
  const forB = (result: PutResult | undefined) => (event: LabelEvent) =>
    event.subject.includes('"b"') ? result : ({ kind: 'forwarded' } as const);

  it('is failed where its label could not be forwarded, so that it is delivered again', async () => {
    const { kinds, measured } = await run(datas, { answer: forB(FAILED) });
    expect(kinds).toEqual(['labelled', 'failed']);
    expect(measured).toMatchObject({
      Forwarded: { unit: 'Count', value: 1 },
      ForwardFailed: { unit: 'Count', value: 1 },
      ForwardTime: { unit: 'Milliseconds' },
    });
  });

  it('is rejected where its label can never be forwarded', async () => {
    const { kinds, rejects } = await run(datas, { answer: forB(REFUSED) });
    expect(kinds).toEqual(['labelled', 'rejected']);
    expect(rejects.map(({ error }) => error.code)).toEqual(['forward-refused']);
  });

  it('is failed where the destination leaves an event unanswered', async () => {
    expect((await run(datas, { answer: forB(undefined) })).kinds).toEqual(['labelled', 'failed']);
  });

  it('is failed where one of its labels failed', async () => {
    const { kinds, labelled } = await run(
      [changed(undefined, item('one', { model_type: { S: 'toy,tone' } }))],
      {
        answer: (event: LabelEvent) => (event.data.model === TONE.id ? FAILED : { kind: 'forwarded' }),
      },
    );
    expect([kinds, labelled]).toEqual([['failed'], ['toy@1 length-3', 'tone@1 tone@1 length-3']]);
  });
});

describe('the record of the write of a label', () => {
  it('is not forwarded', async () => {
    const { kinds, events, models } = await run([echo('one')]);
    expect([kinds, events, models.texts]).toEqual([['skipped'], [], []]);
  });

  it('does not hide the record that it was written for, which may not have been forwarded', async () => {
    const datas = [changed(undefined, item('one')), changed(undefined, item('one'), 500), echo('one')];
    const unchanged = () => memoryLabels(() => ({ kind: 'unchanged' }) as const);
    const { kinds, labelled, models } = await run(datas, { labels: unchanged() });
    expect(kinds).toEqual(['superseded', 'unchanged', 'skipped']);
    expect([labelled, models.texts]).toEqual([['toy@1 length-3'], ['one']]);
    // Without a destination it needs no work.
    const alone = await run(datas, { labels: unchanged(), isForwarded: false });
    expect([alone.kinds, alone.models.texts]).toEqual([['superseded', 'superseded', 'skipped'], []]);
  });

  it('does not hide it either where it has the label of one of two models', async () => {
    const both = { model_type: { S: 'toy,tone' } };
    const { kinds, labelled } = await run(
      [
        changed(undefined, item('one', both)),
        changed(item('one', both), item('one', { ...both, ...labelOf('one') }), 1_000),
      ],
      { labels: memoryLabels(() => ({ kind: 'unchanged' })) },
    );
    expect(kinds).toEqual(['unchanged', 'unchanged']);
    expect(new Set(labelled)).toEqual(new Set(['toy@1 length-3', 'tone@1 tone@1 length-3']));
  });
});

describe('a change of an item that has the label of its content already', () => {
  const labelled = item('one', labelOf('one'));
  const unchanged = () => memoryLabels(() => ({ kind: 'unchanged' }) as const);

  it.each([
    ['changed its text back', item('two', labelOf('one')), labelled],
    [
      'chose its model again',
      item('one', { ...labelOf('one'), model_type: { S: 'tone' } }),
      item('one', { ...labelOf('one'), model_type: { S: 'toy' } }),
    ],
    ['inserted it with its label', undefined, labelled],
    [
      'had a text before that no item holds',
      item('one', { ...labelOf('one'), text: { S: '\ud800' } }),
      labelled,
    ],
  ])('is forwarded where it %s', async (_, before, after) => {
    const { kinds, labelled: forwarded } = await run([changed(before, after)], { labels: unchanged() });
    expect([kinds, forwarded]).toEqual([['unchanged'], ['toy@1 length-3']]);
    const alone = await run([changed(before, after)], { labels: unchanged(), isForwarded: false });
    expect([alone.kinds, alone.models.texts]).toEqual([['skipped'], []]);
  });

  it.each([
    ['changed another attribute', changed(labelled, { ...labelled, seen: { BOOL: true } })],
    [
      'is of an item whose former image is not known',
      change('a', undefined, { eventName: 'MODIFY', newImage: labelled }),
    ],
  ])('is not where it %s', async (_, data) => {
    const { kinds, events } = await run([data], { labels: unchanged() });
    expect([kinds, events]).toEqual([['skipped'], []]);
  });
});
