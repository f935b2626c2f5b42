import { gzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { must } from '../../../src/errors.ts';
import type { ObjectSettings } from '../../../src/pipeline/objects/run.ts';
import { memoryObjects } from '../../../src/stores/objects/memory.ts';
import { textAttribute } from '../../../src/tasks/item-text.ts';
import { seededRandom } from '../../../src/tools/random.ts';
import { faultyObjects } from '../../support/faulty-objects.ts';
import { type Ran, runObject } from '../../support/object-runs.ts';

const linesOf = ({ output }: Ran): readonly Record<string, unknown>[] =>
  must(output, 'output')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** The labels of lines, or the codes of their errors. */
const saidOf = (ran: Ran): readonly unknown[] =>
  linesOf(ran).map(({ label, error }) => label ?? (error as { readonly code: string }).code);

const jsonl = (body: string | Uint8Array, settings: Partial<ObjectSettings> = {}): Promise<Ran> =>
  runObject('a.jsonl', body, { settings });

const csv = async (body: string | Uint8Array, settings: Partial<ObjectSettings> = {}) => {
  const ran = await runObject('a.csv', body, { settings });
  return { ...ran, rows: must(ran.output, 'output').split('\n') };
};

const ADDED =
  'prediction_label,prediction_score,prediction_by,prediction_truncated,prediction_list,prediction_model,prediction_error';

describe('JSON lines', () => {
  test('every line has a line in the output, whatever it is', async () => {
    const body = [
      '{"id":"a","text":"four"}',
      '',
      '{"id":1,"text":',
      '["text"]',
      '{"id":2}',
      '{"id":3,"text":null}',
      '{"id":4,"text":4}',
      '{"id":5,"text":"\\ud800"}',
      '{"id":6,"text":"four","model_type":"nobody"}',
      '{"id":7,"text":"four","model_type":"length,refuses"}',
      '{"id":8,"text":"four","model_type":"refuses"}',
      `{"id":9,"text":"${'x'.repeat(11)}"}`,
      `{"text":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    ].join('\n');
    const ran = await jsonl(body, { maxTextCharacters: 10 });
    expect(saidOf(ran)).toEqual([
      'n4',
      ...['bad-json', 'bad-json', 'bad-shape', 'no-text', 'no-text', 'bad-text', 'bad-text'],
      ...['unknown-model', 'conflicting-models', 'inference-failed', 'text-too-long', 'bad-shape'],
    ]);
    expect(linesOf(ran).map(({ recordId }) => recordId)).toEqual(['a', 2, 3, 4, 2, 3, 4, 5, 6, 7, 8, 9, 13]);
    expect(ran.manifest).toMatchObject({
      status: 'complete',
      counts: {
        lines: 13,
        labelled: 1,
        errors: { 'bad-json': 2, 'bad-shape': 2, 'no-text': 2, 'bad-text': 2 },
      },
    });
  });

  test('a byte order mark, CRLF, U+2028, NUL and a missing line break at the end are no faults', async () => {
    const ran = await jsonl('\uFEFF{"text":"a\u2028b"}\r\n{"text":"\\u0000"}\r\n{"text":"last"}');
    expect(saidOf(ran)).toEqual(['n3', 'n1', 'n4']);
  });

  test('a line that is not UTF-8 is an error, the others are not', async () => {
    const body = Buffer.concat([
      Buffer.from('{"text":"one"}\n{"text":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}\n{"text":"é"}\n'),
    ]);
    expect(saidOf(await jsonl(body))).toEqual(['n3', 'bad-utf8', 'n1']);
  });

  test('a line of 50 MB is an error, and not kept', async () => {
    const body = Buffer.concat([
      Buffer.from('{"text":"one"}\n{"text":"'),
      Buffer.alloc(50_000_000, 'x'),
      Buffer.from('"}\n{"text":"two"}'),
    ]);
    const ran = await jsonl(body, { shardBytes: 2 ** 40 });
    expect(linesOf(ran)[1]).toEqual({
      recordId: 2,
      error: { code: 'line-too-long', message: 'the line has more than 16777216 bytes' },
    });
    expect(saidOf(ran)).toEqual(['n3', 'line-too-long', 'n3']);
  });

  test('numbers keep their digits, as ids and in joined lines', async () => {
    const line = '{ "id": 12345678901234567890, "big": 1.00000000000000000001, "text": "a" }';
    expect((await jsonl(line)).output).toMatch(/^{"recordId":12345678901234567890,"label"/);
    expect((await jsonl(line, { join: true })).output).toBe(
      `${line.slice(0, -2)},"prediction":{"label":"n1","score":0.5,"model":"length@1"}}\n`,
    );
  });

  test('a line that is joined may have a prediction already, or nothing', async () => {
    const ran = await jsonl('{"text":"a","prediction":{"label":"old"}}\n{}\nnope', { join: true });
    expect(linesOf(ran)).toEqual([
      { text: 'a', prediction: { label: 'n1', score: 0.5, model: 'length@1' } },
      { prediction: { error: { code: 'no-text', message: 'the line has no text' } } },
      { recordId: 3, prediction: { error: { code: 'bad-json', message: 'the line is not JSON' } } },
    ]);
  });

  test('texts are found as in items: by paths, in JSON strings, in pairs', async () => {
    const settings = {
      textAttributes: [textAttribute('message.body'), textAttribute('blob', 'json')],
      textPairAttribute: textAttribute('pair'),
    };
    const ran = await jsonl(
      '{"message":{"body":"four"}}\n{"blob":"\\"x\\""}\n{"blob":"x"}\n{"message":{"body":"a"},"pair":"b"}',
      settings,
    );
    expect(saidOf(ran)).toEqual(['n4', 'n1', 'bad-text', 'n3']);
  });
});

describe('tables', () => {
  test('rows stay as they came, with columns added; ragged rows say so', async () => {
    const { rows, manifest } = await csv('id,text\n1,"a, ""b""\nc"\n2\n\n3,x,more\n4,5" pipe\n');
    expect(rows).toEqual([
      `id,text,${ADDED}`,
      '1,"a, ""b""',
      'c",n8,0.1111111,,,,length@1,',
      '2,,,,,,,,"ragged-row: the row has 1 fields, but the header has 2"',
      '3,x,,,,,,,"ragged-row: the row has 3 fields, but the header has 2",more',
      '4,5" pipe,n7,0.125,,,,length@1,',
      '',
    ]);
    expect(manifest.counts).toEqual({ lines: 4, labelled: 2, errors: { 'ragged-row': 2 } });
  });

  test('mark, delimiter and line breaks are those of the input', async () => {
    const { output } = await csv('\uFEFF"text";id\r\na;1\r\nb;2');
    const added = ADDED.replaceAll(',', ';');
    expect(output).toBe(`\uFEFF"text";id;${added}\r\na;1;n1;0.5;;;;length@1;\r\nb;2;n1;0.5;;;;length@1;\r\n`);
  });

  test('a row that is not UTF-8, or too long, stays in its place', async () => {
    const body = Buffer.concat([
      Buffer.from('text,x\na'),
      Buffer.from([0xff]),
      Buffer.from(`,1\n${'y'.repeat(99)},2\nb,3\n`),
    ]);
    const { rows } = await csv(body, { maxLineBytes: 50 });
    expect(rows.slice(1)).toEqual([
      'a\uFFFD,1,,,,,,,bad-utf8: the line is not UTF-8',
      ',,,,,,,,line-too-long: the line has more than 50 bytes',
      'b,3,n1,0.5,,,,length@1,',
      '',
    ]);
  });

  test('columns that are there already get a number', async () => {
    const { rows } = await csv('text,prediction_label\na,old\n');
    expect(rows[0]).toMatch(/^text,prediction_label,prediction_label_2,prediction_score,/);
  });

  test('a header alone is a table', async () => {
    const { output, manifest } = await csv('id,text\n');
    expect(output).toBe(`id,text,${ADDED}\n`);
    expect(manifest).toMatchObject({ status: 'complete', counts: { lines: 0 } });
  });

  test('without a text column nothing can be read', async () => {
    const { manifest, output } = await runObject('a.csv', 'id,txt\n1,a\n');
    expect(output).toBeUndefined();
    expect(manifest).toMatchObject({
      status: 'failed',
      error: { code: 'missing-column', message: expect.stringContaining('has no column text') },
    });
  });

  test('a quote that never ends is told, and what comes before it answered', async () => {
    const { rows, manifest } = await csv('text\na\n"b\nc\n');
    expect(rows).toHaveLength(3);
    expect(manifest).toMatchObject({
      status: 'incomplete',
      error: { code: 'bad-csv' },
      counts: { lines: 1 },
    });
  });
});

describe('gzip', () => {
  const random = seededRandom(3);
  const lines = Array.from({ length: 20_000 }, () => random().toString(36));
  const packed = gzipSync(lines.join('\n'));

  test('several members are one text; what follows the last is ignored', async () => {
    const body = Buffer.concat([gzipSync('a\nb'), gzipSync('c\nd'), Buffer.alloc(20)]);
    expect(saidOf(await runObject('a.txt.gz', body))).toEqual(['n1', 'n2', 'n1']);
  });

  test('it is told by its first bytes, whatever its name is', async () => {
    expect(saidOf(await runObject('a.txt', gzipSync('a\nb')))).toEqual(['n1', 'n1']);
  });

  test.each([
    ['cut off', (body: Buffer) => body.subarray(0, 100_000)],
    [
      'damaged',
      (body: Buffer) =>
        Buffer.concat([body.subarray(0, 90_000), Buffer.alloc(2_000, 0xff), body.subarray(92_000)]),
    ],
  ])('%s: what comes before is answered, the same each time', async (_, spoil) => {
    const body = spoil(packed);
    const ran = await runObject('a.txt.gz', body);
    expect(ran.manifest).toMatchObject({ status: 'incomplete', error: { code: 'bad-gzip' } });
    const { lines: answered } = ran.manifest.counts;
    expect(answered).toBeGreaterThan(lines.length / 3);
    expect(answered).toBeLessThan(lines.length);
    // Read in other pieces.
    const store = faultyObjects(memoryObjects(['in', 'out']), seededRandom(5), 0);
    const again = await runObject('a.txt.gz', body, { store });
    expect(again.output === ran.output).toBe(true);
  });
});

describe('Parquet', () => {
  const rows = Array.from({ length: 50 }, (_, row) => ({
    id: BigInt(row),
    text: `text ${'x'.repeat(row % 7)}`,
  }));
  const file = Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: 'id', data: rows.map(({ id }) => id), type: 'INT64' },
        { name: 'text', data: rows.map(({ text }) => text), type: 'STRING' },
      ],
      rowGroupSize: 10,
      codec: 'SNAPPY',
    }),
  );
  const read = (bytes: Buffer | undefined) => {
    const { buffer, byteOffset, length } = must(bytes, 'output');
    return parquetReadObjects({ file: buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer });
  };

  test('joined, all columns stay what they are', async () => {
    const { bytes } = await runObject('a.parquet', file, { settings: { join: true } });
    const written = await read(bytes);
    expect(written.map(({ id, text }) => ({ id, text }))).toEqual(rows);
    expect(written[3]).toMatchObject({
      prediction_label: 'n8',
      prediction_score: 0.1111111,
      prediction_error: null,
    });
  });

  test('otherwise it has the id, or a number', async () => {
    expect((await read((await runObject('a.parquet', file)).bytes))[3]).toEqual({
      ...{ id: 3n, label: 'n8', score: 0.1111111, model: 'length@1', error: null },
      ...{ by: null, truncated: null, list: null },
    });
    const { bytes } = await runObject('a.parquet', file, { settings: { idAttributes: [] } });
    expect((await read(bytes)).map(({ recordId }) => recordId)).toEqual(
      rows.map((_, row) => BigInt(row + 1)),
    );
  });

  test('a damaged row group is told, the others are answered', async () => {
    // The pages of the first texts are behind those of the first ids.
    const at = file.indexOf('text ');
    const { manifest, bytes } = await runObject(
      'a.parquet',
      Buffer.concat([file.subarray(0, at - 6), Buffer.alloc(12, 0xff), file.subarray(at + 6)]),
    );
    expect(manifest).toMatchObject({
      status: 'incomplete',
      error: { code: 'bad-parquet', message: 'column text of a.parquet cannot be read in rows 1 to 10' },
      counts: { lines: 40, labelled: 40 },
    });
    expect((await read(bytes)).map(({ id }) => id)).toEqual(rows.slice(10).map(({ id }) => id));
  });

  test.each([
    ['cut off', file.subarray(0, 300)],
    ['no Parquet', Buffer.from('text\n'.repeat(100))],
  ])('%s: it is told', async (_, body) => {
    const { manifest } = await runObject('a.parquet', body);
    expect(manifest).toMatchObject({
      status: 'failed',
      error: { code: 'bad-parquet' },
      shards: [{ bytes: 0 }],
    });
  });

  test('without a text column nothing can be read', async () => {
    const { manifest } = await runObject('a.parquet', file, {
      settings: { textAttributes: [textAttribute('body')] },
    });
    expect(manifest).toMatchObject({
      status: 'failed',
      error: { code: 'missing-column', message: 'a.parquet has no column body; its columns are id, text' },
    });
  });
});

describe('a DynamoDB export', () => {
  const key = 'exports/AWSDynamoDB/01693685827463-2d8752fd/data/asdl123.json.gz';
  const body = gzipSync(
    [
      '{"Item":{"pk":{"S":"a"},"sk":{"N":"12"},"text":{"S":"four"}}}',
      '{"Keys":{}}',
      '{"Item":{"pk":{"S":"b"}}}',
    ].join('\n'),
  );

  test('the key of an item is its id', async () => {
    const ran = await runObject(key, body, { settings: { keyAttributes: ['pk', 'sk'] } });
    expect(saidOf(ran)).toEqual(['n4', 'bad-shape', 'no-text']);
    expect(linesOf(ran).map(({ recordId }) => recordId)).toEqual([{ pk: 'a', sk: 12 }, 2, 3]);
    const single = await runObject(key, body, { settings: { keyAttributes: ['pk'] } });
    expect(linesOf(single).map(({ recordId }) => recordId)).toEqual(['a', 2, 'b']);
  });
});

test.each(['a.jsonl', 'a.csv', 'a.txt', 'a.parquet'])('%s without a byte: it is told', async (key) => {
  const { manifest, output } = await runObject(key, '');
  expect(output).toBeUndefined();
  expect(manifest).toMatchObject({ status: 'failed', error: { code: 'empty' }, counts: { lines: 0 } });
});

test('an object of no known kind is told', async () => {
  const { manifest } = await runObject('a.pdf', '%PDF');
  expect(manifest).toMatchObject({ status: 'failed', error: { code: 'unknown-format' } });
});

test.each([
  'a b+c.jsonl',
  'é/\u{1F600}.jsonl',
  '../up/./x.jsonl',
  '/a//b.jsonl',
  `${'k'.repeat(1_000)}.jsonl`,
])('the key %s', async (key) => {
  const ran = await runObject(key, '{"text":"a"}');
  expect(saidOf(ran)).toEqual(['n1']);
  expect(ran.manifest.source.key).toBe(key);
});
