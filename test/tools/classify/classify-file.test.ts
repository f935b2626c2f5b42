import {
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { PermanentError } from '../../../src/errors.ts';
import { anyCharacter } from '../../../src/tools/chaos/hostile/any-character.ts';
import { labelFile, type LabelFileOptions } from '../../../src/tools/classify/label-file.ts';
import type { Labeller } from '../../../src/tools/classify/labeller.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelstream-classify-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Labels a text by its length; one that begins with "!" cannot be labelled. */
const toyLabeller = (prefixes: readonly string[] = ['label'], lists = false): Labeller => {
  const models = prefixes.map((attribute) => ({ id: `${attribute}-model@1`, attribute }));
  return {
    models,
    lists,
    label: async (texts) =>
      texts.map((text) =>
        models.map((model) => {
          if (text instanceof PermanentError) return { model, error: text };
          if (text.startsWith('!')) return { model, error: new PermanentError('bad-score', 'toy') };
          const labels = [
            { label: `length-${text.length}`, score: 0.123456789 },
            { label: 'other', score: 0.1 },
          ];
          return { model, answer: { labels, ...(lists && { listed: labels }) } };
        }),
      ),
  };
};

let files = 0;
const fileOf = (content: string | Uint8Array, extension = 'csv'): string => {
  files += 1;
  const file = join(folder, `${files}.${extension}`);
  writeFileSync(file, content);
  return file;
};

const label = async (
  input: string,
  {
    labeller = toyLabeller(),
    extension = 'csv',
    ...options
  }: Partial<LabelFileOptions> & { labeller?: Labeller; extension?: string } = {},
) => {
  files += 1;
  const output = join(folder, `${files}-out.${extension}`);
  const onProgress = (): void => undefined;
  const result = await labelFile(labeller, { input, output, textColumn: 'text', onProgress, ...options });
  return { ...result, output: readFileSync(options.output ?? output, 'utf8') };
};

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
const cell = fc.string({
  unit: fc.oneof(fc.string({ unit: anyCharacter, maxLength: 1 }), fc.constantFrom(...'",;|!\r\n \t')),
});
const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 12 });
const layout = fc.record({
  newline: fc.constantFrom('\n', '\r\n'),
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  mark: fc.constantFrom('', '\uFEFF'),
});

describe('a table', () => {
  test('keeps every cell, its delimiter and its mark, and gets label, score and error', async () => {
    await fc.assert(
      fc.asyncProperty(rows, layout, async (given, { newline, delimiter, mark }) => {
        const table = [['first "name"', 'text', 'la;st'], ...given];
        const content = mark + table.map((row) => row.map(quoted).join(delimiter) + newline).join('');
        const { output, rows: count, errors } = await label(fileOf(content));
        expect(output.startsWith(mark)).toBe(true);
        expect(output.endsWith(newline)).toBe(true);
        const found: string[][] = parse(output, { delimiter, bom: true, record_delimiter: newline });
        expect(found.map((row) => row.slice(0, 3))).toEqual(table);
        const expected = given.map(([, text]) =>
          text.startsWith('!') ? ['', '', 'bad-score'] : [`length-${text.length}`, '0.1234568', ''],
        );
        expect(found.map((row) => row.slice(3))).toEqual([
          ['label', 'label_score', 'label_error'],
          ...expected,
        ]);
        const bad = expected.filter(([, , error]) => error !== '').length;
        expect([count, errors]).toEqual([given.length, bad === 0 ? {} : { 'bad-score': bad }]);
      }),
    );
  });

  test('gets the columns of each model, lists as JSON, other names where asked', async () => {
    const input = fileOf('text;id\nabc;1\n!;2\n');
    const several = await label(input, { labeller: toyLabeller(['label', 'tone'], true) });
    const list = '"[{""label"":""length-3"",""score"":0.1234568},{""label"":""other"",""score"":0.1}]"';
    expect(several.output).toBe(
      'text;id;label;label_score;label_list;label_error;tone;tone_score;tone_list;tone_error\n' +
        `abc;1;length-3;0.1234568;${list};;length-3;0.1234568;${list};\n` +
        '!;2;;;;bad-score;;;;bad-score\n',
    );
    expect(several.errors).toEqual({ 'bad-score': 2 });
    expect((await label(input, { prefix: 'mine' })).output).toMatch(/^text;id;mine;mine_score;mine_error\n/);
  });

  test.each(['__proto__', 'constructor'])(
    'has columns called %s, where a model writes them',
    async (name) => {
      const labeller = toyLabeller([name]);
      const table = await label(fileOf('text\nabc\n!\n'), { labeller });
      expect(table.output).toBe(
        `text,${name},${name}_score,${name}_error\nabc,length-3,0.1234568,\n!,,,bad-score\n`,
      );
      const lines = await label(fileOf('{"text":"abc"}\n{"text":"!"}\n', 'jsonl'), {
        labeller,
        extension: 'jsonl',
      });
      expect(lines.output).toBe(
        `{"text":"abc","${name}":"length-3","${name}_score":0.1234568}\n{"text":"!","${name}_error":"bad-score"}\n`,
      );
    },
  );

  test('goes into a .tsv with tabs', async () => {
    expect((await label(fileOf('text,id\n"a,b",1\n'), { extension: 'tsv' })).output).toBe(
      'text\tid\tlabel\tlabel_score\tlabel_error\na,b\t1\tlength-3\t0.1234568\t\n',
    );
  });

  test('of many rows is labelled in their order, and tells how far it is', async () => {
    const given = Array.from({ length: 5_432 }, (_, row) => `${'x'.repeat(row % 7)},${row}\n`).join('');
    const seen: { bytes: number; rows: number }[] = [];
    const input = fileOf(`text,id\n${given}`);
    const { output, rows: count } = await label(input, { onProgress: (progress) => seen.push(progress) });
    const found: Record<string, string>[] = parse(output, { columns: true });
    expect([count, found.length]).toEqual([5_432, 5_432]);
    expect(
      found.every(({ id, label: found }, row) => id === String(row) && found === `length-${row % 7}`),
    ).toBe(true);
    expect(seen.at(-1)).toEqual({ rows: 5_432, bytes: readFileSync(input).length });
    expect(seen.length).toBeGreaterThan(5);
  });
});

describe('JSON lines', () => {
  test('keep what they hold as it is written, and get the fields that there are', async () => {
    const lines = [
      '{"text":"abc", "number": 12345678901234567890, "e": 1e400 }',
      ' {"nested":{"text":"x"},"text":"!"}\r',
      '',
      '{"text":null}',
      '{}',
    ];
    const {
      output,
      rows: count,
      errors,
    } = await label(fileOf(lines.join('\n'), 'jsonl'), {
      extension: 'ndjson',
      labeller: toyLabeller(['label'], true),
    });
    expect(output.split('\n')).toEqual([
      '{"text":"abc", "number": 12345678901234567890, "e": 1e400 ,"label":"length-3","label_score":0.1234568,' +
        '"label_list":[{"label":"length-3","score":0.1234568},{"label":"other","score":0.1}]}',
      ' {"nested":{"text":"x"},"text":"!","label_error":"bad-score"}\r',
      '{"text":null,"label_error":"bad-text"}',
      '{"label_error":"bad-text"}',
      '',
    ]);
    expect([count, errors]).toEqual([4, { 'bad-text': 2, 'bad-score': 1 }]);
  });

  test('of any texts, wherever they are, stay JSON lines', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 20 }), async (texts) => {
        const objects = texts.map((body, id) => ({ id, message: { body } }));
        const input = fileOf(objects.map((object) => JSON.stringify(object)).join('\n'), 'jsonl');
        const { output } = await label(input, { extension: 'jsonl', textColumn: 'message.body' });
        const found = output
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line));
        expect(found).toEqual(
          objects.map((object) => ({
            ...object,
            ...(object.message.body.startsWith('!')
              ? { label_error: 'bad-score' }
              : { label: `length-${object.message.body.length}`, label_score: 0.1234568 }),
          })),
        );
      }),
    );
  });
});

describe('what cannot be labelled is told, and leaves nothing behind', () => {
  const there = (name: string) =>
    new RegExp(`column "${name}": already exists, and would be written; rename it`);

  test.each<[string, string, string, object, RegExp]>([
    ['a column that is there', 'text,label\na,b\n', 'csv', {}, there('label')],
    ['a score that is there', 'label_score,text\n1,b\n', 'csv', {}, there('label_score')],
    ['an error that is there', 'text,mine_error\n1,b\n', 'csv', { prefix: 'mine' }, there('mine_error')],
    [
      'a field that is there',
      '{"text":"a"}\n{"text":"b","label_list":1}\n',
      'jsonl',
      {},
      there('label_list'),
    ],
    ['a missing column', 'body\na\n', 'csv', {}, /column "text": no such column; name one of "body"/],
    [
      'a missing field',
      '{"body":"a"}\n',
      'jsonl',
      {},
      /line 1, column "text": no such field; name one of "body"/,
    ],
    ['a broken row', 'text\na\nb,c\n', 'csv', {}, /line 3: broken CSV/],
    ['a broken line', '{"text":"a"}\n{\n', 'jsonl', {}, /line 2: broken JSON/],
    ['no rows', 'text\n', 'csv', {}, /no records; give a file with at least one/],
    [
      'another kind of output',
      'text\na\n',
      'csv',
      { extension: 'jsonl' },
      /is of another kind than .*tables are written as tables/,
    ],
    [
      'an unknown kind',
      'text\na\n',
      'xlsx',
      { extension: 'csv' },
      /unsupported file extension "\.xlsx"; give one of \.csv/,
    ],
  ])('%s', async (_, content, extension, options, fault) => {
    const input = fileOf(content, extension);
    const before = readdirSync(folder);
    await expect(label(input, { extension, ...options })).rejects.toThrow(fault);
    expect(readdirSync(folder)).toEqual(before);
    expect(readFileSync(input, 'utf8')).toBe(content);
  });

  test('an output that is the input, by any name', async () => {
    const input = fileOf('text\na\n');
    const [soft, hard] = [join(folder, 'soft.csv'), join(folder, 'hard.csv')];
    symlinkSync(input, soft);
    linkSync(input, hard);
    for (const output of [input, join(folder, '.', input.slice(folder.length)), soft, hard])
      await expect(label(input, { output })).rejects.toThrow(/is the input: name another file/);
    expect(readFileSync(input, 'utf8')).toBe('text\na\n');
  });

  test('an output that cannot be written', async () => {
    const input = fileOf('text\na\n');
    const output = join(folder, 'none', 'out.csv');
    await expect(label(input, { output })).rejects.toThrow(
      /out\.csv cannot be written: the folder does not exist/,
    );
  });

  test('a model that fails: what was there before stays', async () => {
    const labeller = { ...toyLabeller(), label: () => Promise.reject(new Error('broken')) };
    const output = fileOf('old');
    const before = readdirSync(folder).length;
    await expect(label(fileOf('text\na\n'), { labeller, output })).rejects.toThrow('broken');
    expect(readFileSync(output, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toHaveLength(before + 1);
  });
});
