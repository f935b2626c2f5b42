import { labelBatch } from '../../src/pipeline/label-batch.ts';
import { onlyModel } from '../../src/pipeline/relabel/only-model.ts';
import { answerVerifyRequest } from '../../src/pipeline/verify-request.ts';
import type { AttributeMap } from '../../src/dynamodb-json/attributes.ts';
import type { LabelEvent } from '../../src/pipeline/destinations.ts';
import type { Item } from '../../src/stores/dynamodb/batch-write.ts';
import { LABEL_STORES } from '../../src/stores/label-stores.ts';
import { contentHash } from '../../src/tasks/content-hash.ts';
import { textAttribute } from '../../src/tasks/item-text.ts';
import type { Input } from '../../src/tasks/model.ts';
import {
  READER,
  toyLabel,
  toyModels as hashingToys,
  toyText,
} from '../../src/tools/chaos/histories/toy-models.ts';
import { memoryLabels, memoryRejects, NO_DEADLINE, SETTINGS, toyModels } from '../support/fakes.ts';
import { change, streamRecords } from '../support/records.ts';
import { sendToTable } from '../support/table-in-memory.ts';

const CONTEXT = 'Ada wrote the first program.';

/** An item that asks a question. */
const asking = (id: string, other: AttributeMap = {}): AttributeMap => ({
  id: { S: id },
  question: { S: 'Who?' },
  context: { S: CONTEXT },
  model_type: { S: 'reader' },
  ...other,
});

const inserted = (newImage: AttributeMap, oldImage?: AttributeMap): string =>
  change(String(newImage.id?.S), '', { newImage, ...(oldImage && { eventName: 'MODIFY', oldImage }) });

const asItem = (image: AttributeMap): Item => image as unknown as Item;
const sent = (...images: readonly AttributeMap[]) =>
  sendToTable(
    images.map(asItem),
    images.map((image) => inserted(image)),
  );

const ANSWER = toyLabel(toyText('Who?', CONTEXT), READER);

describe('items that ask a question', () => {
  it('are answered among those whose text is labelled, each as its models have it', async () => {
    const { kinds, items } = await sent(
      { id: { S: 'a' }, text: { S: 'hello' } },
      asking('b'),
      asking('c', { text: { S: 'hello' } }),
      asking('d', { text: { S: 'hello' }, model_type: { S: 'toy,tone' } }),
    );
    expect(kinds).toEqual(['labelled', 'labelled', 'labelled', 'labelled']);
    const [text, question, both, routed] = items;
    expect(text).toMatchObject({ label: { S: toyLabel('hello') } });
    expect(text).not.toHaveProperty('answer');
    for (const item of [question, both]) {
      expect(item).toMatchObject({
        answer: { S: ANSWER },
        answer_start: { N: String(CONTEXT.length) },
        answer_model: { S: 'reader@1' },
        answer_hash: { S: contentHash('Who?', CONTEXT) },
      });
      expect(item).not.toHaveProperty('label');
    }
    expect(routed).toMatchObject({ label: { S: toyLabel('hello') }, tone_model: { S: 'tone@1' } });
    expect(routed).not.toHaveProperty('answer');
  });

  it.each(LABEL_STORES)('are answered by %s', async (store) => {
    const { kinds, items, labels } = await sendToTable([asItem(asking('a'))], [inserted(asking('a'))], store);
    expect(kinds).toEqual(['labelled']);
    const [where] = store === 'labels-table' ? labels : items;
    expect(where).toMatchObject({ answer: { S: ANSWER }, answer_end: { N: String(CONTEXT.length + 14) } });
  });

  it.each<[string, AttributeMap, string]>([
    ['an empty question', { question: { S: '' } }, 'bad-text'],
    ['a question of white space', { question: { S: ' \n' } }, 'bad-text'],
    ['an empty context', { context: { S: '' } }, 'bad-text'],
    ['a context that is a number', { context: { N: '5' } }, 'bad-text'],
    ['a context that is too long', { context: { S: 'x'.repeat(101) } }, 'text-too-long'],
    ['a question that is too long', { question: { S: '🙂'.repeat(101) } }, 'text-too-long'],
    ['a question that the model cannot answer', { question: { S: 'NaN' } }, 'bad-score'],
  ])('say why there is no answer to %s', async (_, other, code) => {
    const { kinds, items, rejects } = await sent(asking('a', other));
    expect(kinds).toEqual(['rejected']);
    expect(items).toEqual([expect.objectContaining({ answer_error: { S: code } })]);
    expect(rejects).toMatchObject([{ code: { S: code } }]);
  });

  it.each<[string, AttributeMap, string]>([
    ['models of different tasks', { model_type: { S: 'reader,toy' }, text: { S: 'hello' } }, 'unknown-model'],
    ['a model that there is not', { model_type: { S: 'nobody' } }, 'unknown-model'],
    ['no model, but an empty text', { model_type: { NULL: true }, text: { N: '5' } }, 'bad-text'],
  ])('are rejected where they name %s', async (_, other, code) => {
    const { kinds, rejects } = await sent(asking('a', other));
    expect(kinds).toEqual(['rejected']);
    expect(rejects).toMatchObject([{ code: { S: code } }]);
  });

  it.each<[string, AttributeMap]>([
    ['a question without a context', { context: { NULL: true } }],
    ['a context without a question', { question: { NULL: true } }],
    ['a text for a model that answers questions', { question: { NULL: true }, text: { S: 'hello' } }],
    ['a question for a model that classifies', { model_type: { S: 'toy' } }],
    ['nothing, by a model that there is not', { question: { NULL: true }, model_type: { S: 'nobody' } }],
  ])('are left alone where they hold %s', async (_, other) => {
    const { kinds, items, rejects } = await sent(asking('a', other));
    expect([kinds, rejects]).toEqual([['skipped'], []]);
    expect(items).toEqual([asking('a', other)]);
  });

  it('lose the answer with the question, and keep it while nothing else has changed', async () => {
    const [answered = {}] = (await sent(asking('a'))).items;
    const image = answered as unknown as AttributeMap;
    const again = await sendToTable([answered], [inserted({ ...image, views: { N: '1' } }, image)]);
    expect(again.kinds).toEqual(['skipped']);
    const { question: _, ...unasked } = image;
    const { kinds, items } = await sendToTable([asItem(unasked)], [inserted(unasked, image)]);
    expect(kinds).toEqual(['cleared']);
    expect(Object.keys(items[0] ?? {}).toSorted()).toEqual(['context', 'id', 'model_type']);
  });

  it('hold question and context where the settings say', async () => {
    const models = toyModels();
    const settings = {
      ...SETTINGS,
      questionAttribute: textAttribute('faq.q', 'json'),
      contextAttribute: textAttribute('body'),
    };
    const newImage = {
      ...{ id: { S: 'a' }, model_type: { S: 'reader' } },
      ...{ faq: { M: { q: { S: '"Who?"' } } }, body: { S: 'Ada did.' } },
    };
    const parts = { models, labels: memoryLabels(), rejects: memoryRejects(), settings };
    await labelBatch(streamRecords([inserted(newImage), inserted(asking('b'))]), parts, NO_DEADLINE);
    expect(models.asked).toEqual(['reader@1 Who? | Ada did.']);
  });

  it('have their answers forwarded with where they are', async () => {
    const events: LabelEvent[] = [];
    const to = {
      put: async (given: readonly LabelEvent[]) => {
        events.push(...given);
        return given.map(() => ({ kind: 'forwarded' as const }));
      },
    };
    const parts = {
      ...{ models: hashingToys(), labels: memoryLabels(), rejects: memoryRejects(), settings: SETTINGS },
      forwarding: { to, source: '/labelstream/test' },
    };
    await labelBatch(streamRecords([inserted(asking('a'))]), parts, NO_DEADLINE);
    expect(events.map(({ data }) => data)).toMatchObject([
      {
        ...{ model: 'reader@1', attribute: 'answer', hash: contentHash('Who?', CONTEXT) },
        answer: { answer: ANSWER, answer_start: CONTEXT.length, answer_end: CONTEXT.length + 14 },
      },
    ]);
  });
});

describe('a request to verify a model that answers questions', () => {
  const models = onlyModel(hashingToys(), READER);
  const asked = (texts: readonly Input[]) =>
    answerVerifyRequest({ labelstream: 'verify', texts }, { models }, '1');

  it('has questions with their contexts', async () => {
    expect((await asked([{ question: 'Who?', context: CONTEXT }])).predictions).toEqual([
      expect.objectContaining({ answer: ANSWER, start: CONTEXT.length }),
    ]);
  });

  it('is refused with texts', async () => {
    await expect(asked(['hello'])).rejects.toThrow(
      'texts should be a list of inputs of model reader@1, whose task is question-answering',
    );
  });
});
