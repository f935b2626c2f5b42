import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { anyCharacter } from '../../../../src/tools/chaos/hostile/any-character.ts';
import { messages, readMessages } from '../../../../src/tools/ingest/input/input.ts';
import { InputError } from '../../../../src/tools/ingest/input/input-error.ts';
import { collect, fileOf, folder, read } from '../../../support/input-files.ts';

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
const csvOf = (rows: readonly (readonly string[])[], newline = '\n', delimiter = ','): string =>
  rows.map((row) => row.map(quoted).join(delimiter) + newline).join('');

const text = fc.string({
  unit: fc.oneof(fc.string({ unit: anyCharacter, maxLength: 1 }), fc.constantFrom(...'",;|\r\n \t\uFEFF')),
});
const texts = fc.array(text, { minLength: 1, maxLength: 20 });

describe('files', () => {
  test('a CSV of any texts reads back equal', async () => {
    const layout = fc.record({
      newline: fc.constantFrom('\n', '\r\n', '\r'),
      mark: fc.constantFrom('', '\uFEFF'),
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
      // A name may be of any characters, too, and blank lines may come before it.
      name: text.filter((name) => name !== 'text'),
      blank: fc.constantFrom('', '\n', '\r\n\n'),
    });
    await fc.assert(
      fc.asyncProperty(texts, layout, async (given, { newline, mark, delimiter, name, blank }) => {
        const rows = [[name, 'text'], ...given.map((value, id) => [String(id), value])];
        const file = fileOf(mark + blank + csvOf(rows, newline, delimiter));
        expect(await read(file)).toEqual(given.map((value) => ({ text: value })));
      }),
    );
  });

  test('JSON lines of any texts read back equal', async () => {
    const layout = fc.record({
      newline: fc.constantFrom('\n', '\r\n', '\n\n'),
      mark: fc.constantFrom('', '\uFEFF'),
    });
    await fc.assert(
      fc.asyncProperty(texts, layout, async (given, { newline, mark }) => {
        const file = fileOf(
          mark + given.map((value) => JSON.stringify({ text: value })).join(newline),
          'jsonl',
        );
        expect(await read(file)).toEqual(given.map((value) => ({ text: value })));
      }),
    );
  });

  test.each(['csv', 'jsonl'])(
    'characters and line ends on the border of two chunks of %s',
    async (extension) => {
      const given = Array.from({ length: 30_000 }, (_, id) => `${'é€😀'.repeat(id % 5)} "no ${id}",\r\nnext`);
      const content =
        extension === 'csv'
          ? csvOf([['text'], ...given.map((value) => [value])], '\r\n')
          : given.map((value) => `${JSON.stringify({ text: value })}\r\n`).join('');
      const got = await read(fileOf(content, extension));
      expect(got.map((message) => message.text)).toEqual(given);
    },
  );

  test('labels come along, an empty one means none; empty texts stay', async () => {
    const expected = [{ text: 'a', label: 'x' }, { text: 'b' }, { text: '', label: 'y' }];
    const columns = { textColumn: 'body', labelColumn: 'kind' };
    expect(await read(fileOf('kind,other,body\nx,1,a\n,2,b\ny,3,\n'), columns)).toEqual(expected);
    const lines = '{"kind":"x","body":"a"}\n{"kind":null,"body":"b"}\n\n{"kind":"y","body":""}\n';
    expect(await read(fileOf(lines, 'NDJSON'), columns)).toEqual(expected);
  });

  test.each([
    ['semicolons', 'csv', 'id;text\n1;a,b,c\n'],
    ['semicolons, and a comma in a name', 'csv', 'note, if any;text\n1;a,b,c\n'],
    ['as many commas in the names as bars', 'csv', 'a,b|text\n1|a,b,c\n'],
    ['tabs', 'csv', 'id\ttext\n1\ta,b,c\n'],
    ['bars', 'csv', 'id|text\n1|a,b,c\n'],
    ['semicolons within quotes, commas without', 'csv', '"a;b;c;d",text\n1,"a,b,c"\n'],
    ['a header of several lines', 'csv', '"a\nb;c\nd";text\n1;a,b,c\n'],
    ['one column', 'csv', 'text\n"a,b,c"\n'],
    ['tabs in a .tsv, and a comma in the only name', 'tsv', 'x,y\ttext\n1\ta,b,c\n'],
  ])('are parted by %s', async (_, extension, content) => {
    expect(await read(fileOf(content, extension))).toEqual([{ text: 'a,b,c' }]);
  });

  test('fields within others are found by their path, after one of that very name', async () => {
    const lines = [
      { message: { body: 'a', tags: ['x', { name: 'y' }] } },
      { 'message.body': 'b', message: { body: 'c', tags: [null, { name: null }] } },
    ];
    const file = fileOf(lines.map((line) => JSON.stringify(line)).join('\n'), 'jsonl');
    expect(await read(file, { textColumn: 'message.body', labelColumn: 'message.tags[1].name' })).toEqual([
      { text: 'a', label: 'y' },
      { text: 'b' },
    ]);
  });

  test('a quoted empty cell is a record, a blank line is none', async () => {
    expect(await read(fileOf('text\n""\n\na\n\n'))).toEqual([{ text: '' }, { text: 'a' }]);
  });

  test('reading may stop early', async () => {
    const file = fileOf(csvOf([['text'], ...Array.from({ length: 50_000 }, (_, id) => [`message ${id}`])]));
    const source = readMessages(file);
    expect((await source.next()).value).toEqual({ text: 'message 0' });
    expect(await source.return(undefined)).toEqual({ value: undefined, done: true });
    expect(await source.next()).toEqual({ value: undefined, done: true });
  });
});

const QUESTIONS = { question: 'q', context: 'about' };

describe('messages', () => {
  test('are questions where their columns are given, with the contexts that they are about', async () => {
    const file = fileOf('q,about,text\nWhich?,This one.,no\n,,\n');
    expect(await collect(readMessages(file, { questions: QUESTIONS }))).toEqual([
      { question: 'Which?', text: 'This one.' },
      { question: '', text: '' },
    ]);
    const wrong = fileOf('{"q":null,"about":"This one."}\n', 'jsonl');
    await expect(collect(readMessages(wrong, { questions: QUESTIONS }))).rejects.toThrow(
      /line 1.*q.*not a string/s,
    );
  });

  test('that are questions are generated, as many as wanted, five about each context', () =>
    fc.assert(
      fc.asyncProperty(fc.nat({ max: 40 }), fc.nat(), async (records, seed) => {
        const found = await collect(messages({ records, seed, questions: QUESTIONS }));
        expect(new Set(found.map(({ key }) => key)).size).toBe(records);
        expect(new Set(found.map(({ question }) => question)).size).toBe(records);
        const contexts = Map.groupBy(found, ({ text }) => text);
        expect(contexts.size).toBe(Math.ceil(records / 5));
        for (const about of [...contexts.values()].slice(0, -1)) expect(about).toHaveLength(5);
      }),
      { numRuns: 20 },
    ));

  const all = (options: Parameters<typeof messages>[0]) => collect(messages(options));

  test('cycle a file under fresh keys that sort', async () => {
    const input = fileOf('text,label\na,x\n,y\nc,z\n');
    const got = await all({ input, labelColumn: 'label', records: 7 });
    expect(got.map((message) => message.text)).toEqual(['a', '', 'c', 'a', '', 'c', 'a']);
    expect(got[4]).toEqual({ key: 'm-00000005', text: '', label: 'y' });
    const keys = got.map((message) => message.key);
    expect(new Set(keys).size).toBe(7);
    expect(keys.toSorted()).toEqual(keys);
  });

  test('of a file read again see what it holds by then', async () => {
    const input = fileOf('text\na\n');
    const source = messages({ input, records: 2 });
    await source.next();
    writeFileSync(input, 'text\nb\n');
    expect((await source.next()).value).toEqual({ key: 'm-00000002', text: 'b' });
  });

  test('are generated without a file, by seed', async () => {
    const got = await all({ records: 500, seed: 3 });
    expect(new Set(got.map((message) => message.text)).size).toBe(500);
    expect(await all({ records: 500, seed: 3 })).toEqual(got);
    expect(await all({ records: 500, seed: 4 })).not.toEqual(got);
    expect(got[499]).toEqual({ key: 'm-00000500', text: expect.any(String) });
  });

  test('none asks for no file', async () => {
    expect(await all({ input: join(folder, 'none.csv'), records: 0 })).toEqual([]);
  });

  test.each([
    [{ records: -1 }, /records must be a whole number/],
    [{ records: 1.5 }, /records must be a whole number/],
    [{ records: 1e12 }, /distinct messages can be generated, not 1000000000000/],
    [{ records: 1, labelColumn: 'label' }, /generated messages have no labels/],
  ])('%j is refused', async (options, fault) => {
    await expect(all(options)).rejects.toThrow(InputError);
    await expect(all(options)).rejects.toThrow(fault);
  });
});
