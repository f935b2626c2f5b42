import { checkAttributes } from '../../src/wire/attribute-clashes.ts';
import { readConfig } from '../../src/wire/config.ts';
import { ConfigError } from '../../src/errors.ts';
import { memoryClient } from '../../src/tools/chaos/histories/memory-client.ts';
import { memoryDynamoDb } from '../../src/tools/chaos/histories/memory-dynamodb.ts';
import { memoryTable } from '../../src/tools/chaos/histories/memory-table.ts';
import { labelBatch } from '../../src/pipeline/label-batch.ts';
import { textAttribute } from '../../src/tasks/item-text.ts';
import { partiqlLabels } from '../../src/stores/partiql.ts';
import { updateItemLabels } from '../../src/stores/update-item.ts';
import { wire } from '../../src/wire/classify-stream.ts';
import { memoryRejects, NO_DEADLINE, SETTINGS, toyModels } from '../support/fakes.ts';
import { base64, streamRecords } from '../support/records.ts';

const ENVIRONMENT = { DOCUMENTS_TABLE: 'd', REJECTS_TABLE: 'r', LABELS_TABLE: 'l', MODEL: 'm' };
const MODELS = [
  { id: 'intents@1', task: 'text-classification', attribute: 'label' },
  { id: 'odd@1', task: 'text-classification', attribute: 'text' },
];
const check = (environment: Readonly<Record<string, string>>, models = MODELS.slice(0, 1)) =>
  checkAttributes(readConfig({ ...ENVIRONMENT, ...environment }), models);

describe('settings that name attributes', () => {
  it.each([
    ['TEXT_ATTRIBUTES', 'label', 'label'],
    ['TEXT_ATTRIBUTES', 'text,label_list', 'label_list'],
    ['TEXT_ATTRIBUTES', 'label_error:json', 'label_error'],
    ['TEXT_ATTRIBUTES', 'label.text', 'label'],
    ['TEXT_ATTRIBUTES', 'label_list[0].label', 'label_list'],
    ['TEXT_PAIR_ATTRIBUTE', 'label_by', 'label_by'],
    ['MODEL_ATTRIBUTE', 'label_model', 'label_model'],
    ['KEY_ATTRIBUTES', 'id,label_hash', 'label_hash'],
  ])('are refused where %s=%s is written with a label', (setting, value, name) => {
    expect(() => check({ [setting]: value })).toThrow(ConfigError);
    expect(() => check({ [setting]: value })).toThrow(
      `${setting} names ${name}, which model intents@1 writes`,
    );
  });

  it('are refused when the function starts', async () => {
    const environment = { ...ENVIRONMENT, MODEL: 'banking77-tfidf', MODELS_DIR: 'models' };
    await expect(wire({ ...environment, TEXT_ATTRIBUTES: 'label_list' })).rejects.toThrow(
      'TEXT_ATTRIBUTES names label_list, which model banking77-tfidf@1 writes',
    );
  });

  it('are refused where any model writes what they name, and all of that is said', () => {
    expect(() => check({ MODEL_ATTRIBUTE: 'text_model' }, MODELS)).toThrow(
      /TEXT_ATTRIBUTES names text, which model odd@1 writes with its labels\n.*MODEL_ATTRIBUTE names text_model/,
    );
  });

  const ANSWERS = { id: 'reader@1', task: 'question-answering', attribute: 'answer' };

  it.each([
    ['QUESTION_ATTRIBUTE', 'answer_model'],
    ['QUESTION_ATTRIBUTE', 'answer_start'],
    ['CONTEXT_ATTRIBUTE', 'answer.text'],
    ['CONTEXT_ATTRIBUTE', 'label'],
    ['TEXT_ATTRIBUTES', 'answer_end'],
  ])('are refused where %s=%s is written with an answer or a label', (setting, value) => {
    expect(() => check({ [setting]: value }, [...MODELS.slice(0, 1), ANSWERS])).toThrow(`${setting} names`);
  });

  it('may name what is written where no model reads it', () => {
    expect(() => check({ QUESTION_ATTRIBUTE: 'label', CONTEXT_ATTRIBUTE: 'label_score' })).not.toThrow();
  });

  it('are refused for models of different tasks that write under one prefix', () => {
    const models = [...MODELS.slice(0, 1), { ...ANSWERS, attribute: 'label' }];
    expect(() => check({}, models)).toThrow(
      'models of different tasks write under the prefix label: intents@1 is for text-classification, reader@1 for question-answering',
    );
    expect(() => check({ LABEL_STORE: 'labels-table' }, models)).not.toThrow();
  });

  it.each([
    ['nothing is written over', {}],
    ['a path has a part of that name further in', { TEXT_ATTRIBUTES: 'message.label' }],
    ['labels have a table of their own', { TEXT_ATTRIBUTES: 'label', LABEL_STORE: 'labels-table' }],
  ])('are taken where %s', (_, environment) => {
    expect(() => check(environment)).not.toThrow();
  });
});

describe('attributes named like what every object has', () => {
  const NAMES = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];
  const rows = NAMES.flatMap((key) =>
    NAMES.filter((text) => text !== key).map(
      (text, index) => [key, text, NAMES.at(index - 1) ?? ''] as const,
    ),
  );

  it.each(rows.filter(([key, text, model]) => new Set([key, text, model]).size === 3))(
    'work as names: key %s, text %s, model %s',
    async (key, text, model) => {
      for (const storeOf of [updateItemLabels, partiqlLabels]) {
        const table = memoryTable([key]);
        const item = JSON.parse(`{"${key}":{"S":"a"},"${text}":{"S":"hello"},"${model}":{"S":"tone"}}`);
        table.put(item);
        const client = memoryClient(memoryDynamoDb({ documents: table }));
        const settings = {
          ...SETTINGS,
          keyAttributes: [key],
          textAttributes: [textAttribute(text)],
          modelAttribute: model,
        };
        const keys = JSON.stringify(JSON.parse(`{"${key}":{"S":"a"}}`));
        const data = base64(
          `{"eventName":"INSERT","tableName":"documents","dynamodb":{"Keys":${keys},"NewImage":${JSON.stringify(item)}}}`,
        );
        const plain = base64(`{"${key}":"a","${text}":"hello","${model}":"tone"}`);
        const labels = storeOf(client, { table: 'documents' });
        const parts = { models: toyModels(), labels, rejects: memoryRejects(), settings };
        const { outcomes } = await labelBatch(streamRecords([data, plain]), parts, NO_DEADLINE);
        expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['labelled', 'superseded']);
        expect(table.items()[0]).toMatchObject({ tone: { S: 'tone@1 length-5' } });
      }
    },
  );

  it('are missing where nothing is there', async () => {
    const settings = {
      ...SETTINGS,
      textAttributes: [textAttribute('constructor')],
      modelAttribute: '__proto__',
    };
    const parts = {
      models: toyModels(),
      labels: { put: async () => [] },
      rejects: memoryRejects(),
      settings,
    };
    const { outcomes } = await labelBatch(streamRecords([base64('{"id":"a"}')]), parts, NO_DEADLINE);
    expect(outcomes).toEqual([{ kind: 'skipped', reason: 'no-text' }]);
  });
});
