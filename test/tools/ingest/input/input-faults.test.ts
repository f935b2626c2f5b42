import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Columns } from '../../../../src/tools/ingest/input/input.ts';
import { InputError } from '../../../../src/tools/ingest/input/input-error.ts';
import { fileOf, folder, read } from '../../../support/input-files.ts';

describe('faults name the file, the place and the remedy', () => {
  const labelled = { labelColumn: 'label' };
  test.each<[string, string, string | Uint8Array, Columns, RegExp]>([
    [
      'missing column',
      'csv',
      'a,b c\n1,2\n',
      {},
      /\.csv, line 1, column "text": no such column; name one of "a", "b c"/,
    ],
    [
      'missing label',
      'csv',
      'text\n1\n',
      labelled,
      /line 1, column "label": no such column; name one of "text"/,
    ],
    ['column twice', 'csv', 'text,text\n1,2\n', {}, /line 1, column "text": more than one such column/],
    [
      'too many fields',
      'csv',
      'id,text\n1,a\n2,b,c\n',
      {},
      /\.csv, line 3: broken CSV: another number of fields/,
    ],
    ['open quote', 'csv', 'text\nfine\n"open\n', {}, /line 3: broken CSV: a quoted field begins here/],
    ['text after a quote', 'csv', 'text\n"a" b\n', {}, /line 2: broken CSV: text after a closing quote/],
    ['bare quote', 'csv', 'text\nfine\na "b"\n', {}, /line 3: broken CSV: a quote inside an unquoted field/],
    [
      'not UTF-8',
      'csv',
      Buffer.from('text\nfine\ncaf\xe9 au lait\n', 'latin1'),
      {},
      /line 3: not UTF-8; save/,
    ],
    ['cut UTF-8', 'csv', Buffer.from('text\ncaf\xc3', 'latin1'), {}, /line 2: not UTF-8; save/],
    ['only a header', 'csv', 'text\n', {}, /\.csv: no records; give/],
    ['nothing', 'csv', '', {}, /\.csv: no records; give/],
    [
      'missing field',
      'jsonl',
      '{"text":"a"}\n{"body":"b"}',
      {},
      /line 2, column "text": no such field; name one of "body"/,
    ],
    [
      'missing field within another',
      'jsonl',
      '{"message":{"text":"a","of":[1]}}',
      { textColumn: 'message.body' },
      /line 1, column "message\.body": no such field; name one of "message\.text", "message\.of"/,
    ],
    [
      'missing element',
      'jsonl',
      '{"parts":["a","b"]}',
      { textColumn: 'parts[2]' },
      /line 1, column "parts\[2\]": no such field; name one of "parts\[0\]", "parts\[1\]"/,
    ],
    [
      'a path through a string',
      'jsonl',
      '{"message":"a","text":"b"}',
      { textColumn: 'message.body' },
      /line 1, column "message\.body": no such field; name one of "message", "text"/,
    ],
    [
      'a path in a table',
      'csv',
      'id,message\n1,a\n',
      { textColumn: 'message.body' },
      /line 1, column "message\.body": no such column; name one of "id", "message"/,
    ],
    [
      'missing column between semicolons',
      'csv',
      'a;"b,c"\n1;2\n',
      {},
      /line 1, column "text": no such column; name one of "a", "b,c"/,
    ],
    [
      'commas in a .tsv',
      'tsv',
      'id,text\n1,a\n',
      {},
      /line 1, column "text": no such column; name one of "id,text"/,
    ],
    [
      'inherited field',
      'jsonl',
      '{"a":1}',
      { textColumn: 'toString' },
      /line 1, column "toString": no such field/,
    ],
    [
      'broken JSON',
      'jsonl',
      '{"text":"a"}\n\n{"text":\n',
      {},
      /\.jsonl, line 3: broken JSON; write one complete/,
    ],
    ['an array', 'jsonl', '["a"]', {}, /line 1: not a JSON object; write one object/],
    ['a number', 'jsonl', '{"text":5}', {}, /line 1, column "text": not a string; write/],
    ['a null text', 'jsonl', '{"text":null}', {}, /line 1, column "text": not a string/],
    ['a number label', 'jsonl', '{"text":"a","label":1}', labelled, /line 1, column "label": not a string/],
    ['not UTF-8', 'jsonl', Buffer.from('{"text":"\xff"}', 'latin1'), {}, /line 1: not UTF-8/],
    ['nothing', 'jsonl', '\n\n', {}, /\.jsonl: no records/],
    [
      'unknown kind',
      'txt',
      'text\na\n',
      {},
      /\.txt: unsupported file extension \.txt; give one of \.csv, \.tsv, \.jsonl, \.ndjson/,
    ],
  ])('%s in .%s', async (_, extension, content, columns, fault) => {
    const file = fileOf(content, extension);
    const reading = read(file, columns);
    await expect(reading).rejects.toThrow(InputError);
    await expect(reading).rejects.toThrow(fault);
    await expect(reading).rejects.toMatchObject({ place: { file } });
  });

  test.each(['csv', 'jsonl'])('missing and unreadable .%s files', async (extension) => {
    await expect(read(join(folder, `none.${extension}`))).rejects.toThrow(/none\.\w+: file not found; check/);
    const directory = join(folder, `folder.${extension}`);
    mkdirSync(directory);
    await expect(read(directory)).rejects.toThrow(/folder\.\w+: cannot be read \(EISDIR\); name a readable/);
    await expect(read(join(folder, 'none'))).rejects.toThrow(/none: no file extension; give one of/);
  });

  test('no fault quotes the text', async () => {
    const file = fileOf('{"text": secret words}', 'jsonl');
    await expect(read(file)).rejects.not.toThrow(/secret/);
  });
});
