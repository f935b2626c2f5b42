import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { must } from '../../../src/errors.ts';
import { runId } from '../../../src/pipeline/objects/names.ts';
import { textAttribute } from '../../../src/tasks/item-text.ts';
import { questionAnswering } from '../../../src/tasks/question-answering.ts';
import { OBJECT_SETTINGS, type Ran, runObject } from '../../support/object-runs.ts';

const READER = { model: 'reader' } as const;
const linesOf = ({ output }: Ran): readonly Record<string, unknown>[] =>
  must(output, 'output')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const ADA = {
  answer: 'Ada',
  score: 0.25,
  start: 0,
  end: 3,
  list: [{ answer: 'Ada', score: 0.25, start: 0, end: 3 }],
};

describe('files of questions', () => {
  test('JSON lines hold a question and its context, and get the answer and where it is', async () => {
    const body = [
      '{"id":"a","question":"Who?","context":"Ada did."}',
      '{"question":"Who?"}',
      '{"context":"Ada did."}',
      '{"text":"hello"}',
      '{"question":"","context":"Ada did."}',
      '{"question":"Who?","context":5}',
      '{"question":"Who?","context":"Ada did.","model_type":"nobody"}',
    ].join('\n');
    const ran = await runObject('a.jsonl', body, READER);
    const [answered, ...others] = linesOf(ran);
    expect(answered).toEqual({ recordId: 'a', ...ADA, model: 'reader@1' });
    const both = 'its model takes question and context';
    expect(others.map(({ error }) => error)).toEqual([
      { code: 'no-text', message: `the line has no context; ${both}` },
      { code: 'no-text', message: `the line has no question; ${both}` },
      { code: 'no-text', message: `the line has no question and no context; ${both}` },
      expect.objectContaining({ code: 'bad-text' }),
      expect.objectContaining({ code: 'bad-text' }),
      expect.objectContaining({ code: 'unknown-model' }),
    ]);
    expect(ran.manifest).toMatchObject({
      status: 'complete',
      model: 'reader@1',
      counts: { lines: 7, labelled: 1 },
    });
  });

  test('lines that name a model of another task are read for it', async () => {
    const body =
      '{"text":"four","question":"Who?","context":"Ada did."}\n{"text":"four","model_type":"length"}';
    const questions = linesOf(await runObject('a.jsonl', body, READER));
    expect(questions.map(({ answer, label }) => answer ?? label)).toEqual(['Ada', 'n4']);
    const asked = '{"text":"four"}\n{"question":"Who?","context":"Ada did.","model_type":"reader"}';
    const texts = linesOf(await runObject('a.jsonl', asked));
    expect(texts.map(({ answer, label }) => answer ?? label)).toEqual(['n4', 'Ada']);
  });

  test('tables have a column for each, by any delimiter, and rows for one task', async () => {
    const body = 'id;question;context;model_type\n1;Who?;"Ada did; so.";\n2;Who?;;\n3;Who?;Ada did.;length\n';
    const rows = must((await runObject('a.csv', body, READER)).output, 'output').split('\n');
    expect(rows[0]).toBe(
      'id;question;context;model_type;prediction_answer;prediction_score;prediction_start;prediction_end;prediction_by;prediction_list;prediction_model;prediction_error',
    );
    expect(rows[1]).toMatch(/^1;Who\?;"Ada did; so\.";;Ada;0\.25;0;3;;.*;reader@1;$/);
    expect(rows[2]).toMatch(/^2;Who\?;;;;;;;;;;"bad-text: /);
    expect(rows[3]).toMatch(
      /conflicting-models: attribute model_type names a model for text-classification; the columns of the table are for question-answering"?$/,
    );
  });

  test('Parquet keeps its columns and gets those of the answer', async () => {
    const columnData = [
      { name: 'id', data: ['a', 'b'], type: 'STRING' as const },
      { name: 'question', data: ['Who?', null], type: 'STRING' as const, nullable: true },
      { name: 'context', data: ['Ada did.', 'Ada did.'], type: 'STRING' as const },
    ];
    const { bytes } = await runObject(
      'a.parquet',
      new Uint8Array(parquetWriteBuffer({ columnData })),
      READER,
    );
    const file = must(bytes, 'output');
    const rows = await parquetReadObjects({
      file: file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer,
    });
    expect(rows).toEqual([
      { id: 'a', ...ADA, by: null, model: 'reader@1', error: null },
      expect.objectContaining({ id: 'b', answer: null, error: expect.stringContaining('no question;') }),
    ]);
  });

  test.each([
    ['a.csv', 'id,text\n1,hello\n', 'has no column question and no context'],
    ['a.csv', 'question,text\nWho?,hello\n', 'has no column context'],
    ['a.txt', 'hello\n', 'has one text in each line, but its model takes question and context'],
  ])('%s without both is an error that names what is missing (%#)', async (key, body, message) => {
    const { manifest, output } = await runObject(key, body, READER);
    expect(manifest).toMatchObject({ status: 'failed', error: { code: 'missing-column' } });
    expect(manifest.error?.message).toContain(message);
    expect(output).toBeUndefined();
  });

  test('question and context are found where the settings say', async () => {
    const settings = {
      questionAttribute: textAttribute('faq.q'),
      contextAttribute: textAttribute('body', 'json'),
    };
    const body = '{"faq":{"q":"Who?"},"body":"\\"Ada did.\\"","question":"x","context":"y"}';
    const [line] = linesOf(await runObject('a.jsonl', body, { ...READER, settings }));
    expect(line).toMatchObject({ answer: 'Ada' });
  });

  test('runs differ by task and by where questions are, but not by what is usual', () => {
    const source = { bucket: 'in', key: 'a.jsonl', etag: 'e', size: 9 };
    const text = { id: 'm@1', task: 'text-classification', attribute: 'label' };
    const idOf = (settings: object, model = text) =>
      runId(source, model, { ...OBJECT_SETTINGS, ...settings });
    const usual = {
      questionAttribute: textAttribute('question'),
      contextAttribute: textAttribute('context'),
    };
    expect(idOf(usual)).toBe(idOf({}));
    const ids = [
      idOf({}),
      idOf({}, { ...text, task: questionAnswering.name }),
      idOf({ questionAttribute: textAttribute('q') }),
      idOf({ contextAttribute: textAttribute('context', 'json') }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
