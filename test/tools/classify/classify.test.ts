import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpack } from '../../../src/pipeline/records/unpack.ts';
import { toStreamRecords } from '../../../src/pipeline/records/kinesis-event.ts';
import { decode } from '../../../src/pipeline/records/decode.ts';
import { replay } from '../../../src/tools/invoke/replay.ts';
import { command, runProgram, spawnProgram } from '../../support/run-program.ts';
import { copyService } from '../../support/service-copy.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelstream-classify-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const classify = async (args: readonly string[], root = ROOT) => {
  // The threads of a transformer work on until its process ends.
  const run = args.some((arg) => /minilm|cascade|tone/.test(arg)) ? spawnProgram : runProgram;
  const { status: code, ...written } = await run(command('classify', args, { root, cwd: folder }));
  return { code, ...written };
};

const jsonLines = (text: string): readonly Readonly<Record<string, unknown>>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const PIN = 'How do I change my PIN?';
const LOST = 'I lost my card in a taxi';

describe('npm run classify with texts', () => {
  it('prints label and score of each, in their order', async () => {
    const { code, stdout, stderr } = await classify([PIN, LOST]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^change_pin\t0\.9\d+\nlost_or_stolen_card\t0\.9\d+\n$/);
  });

  it('lists the most probable labels, the label itself first', async () => {
    const { stdout } = await classify([PIN, LOST, '--top-k', '3']);
    const lines = stdout.split('\n').map((line) => line.split('\t'));
    expect(lines.map(([label]) => label)).toEqual([
      'change_pin',
      expect.any(String),
      expect.any(String),
      '',
      'lost_or_stolen_card',
      expect.any(String),
      expect.any(String),
      '',
    ]);
    const scores = lines.slice(0, 3).map(([, score]) => Number(score));
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect((await classify([PIN])).stdout.trim()).toBe(lines[0]?.join('\t'));
  });

  it('prints JSON lines as on items, also of a cascade', async () => {
    const { stdout } = await classify(['--json', '--model', 'banking77-cascade@1', PIN, '', '--top-k', '2']);
    expect(jsonLines(stdout)).toEqual([
      {
        label: 'change_pin',
        label_score: expect.any(Number),
        label_model: 'banking77-cascade@1',
        label_by: 'banking77-tfidf@1',
        label_list: [{ label: 'change_pin', score: expect.any(Number) }, expect.anything()],
      },
      expect.objectContaining({ label_by: 'banking77-minilm@1' }),
    ]);
  });

  it('says what cannot be labelled, and labels the others', async () => {
    const { code, stdout } = await classify(['x'.repeat(100_001), PIN]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^error text-too-long: attribute text has 100001 characters; the limit is 100000\nchange_pin\t/,
    );
    expect(jsonLines((await classify(['--json', 'x'.repeat(100_001)])).stdout)).toEqual([
      { label_error: 'text-too-long', label_model: 'banking77-tfidf@1' },
    ]);
  });

  it('labels by several models under the prefix of each', async () => {
    const copy = await copyService({ models: ['banking77-tfidf'] });
    try {
      const tone = join(copy.root, 'models', 'tone', '1');
      cpSync(join(ROOT, 'test', 'fixtures', 'transformers', 'bert', '1'), tone, { recursive: true });
      writeFileSync(join(tone, 'model.json'), '{"attribute":"tone"}');
      const models = ['--model', 'banking77-tfidf, tone'];
      const { code, stdout } = await classify([PIN, ...models], copy.root);
      expect([code, stdout]).toEqual([
        0,
        expect.stringMatching(/^banking77-tfidf@1\tchange_pin\t0\.9\d+\ntone@1\t\S+\t[\d.e-]+\n$/),
      ]);
      writeFileSync(join(folder, 'two.csv'), `text\n${PIN}\n`);
      await classify(['--input', 'two.csv', '--output', 'two-labelled.csv', ...models], copy.root);
      expect(readFileSync(join(folder, 'two-labelled.csv'), 'utf8')).toMatch(
        /^text,label,label_score,label_error,tone,tone_score,tone_error\nHow do I change my PIN\?,change_pin,0\.9\d+,,[^,]+,[\d.e-]+,\n$/,
      );
    } finally {
      await copy.remove();
    }
  }, 60_000);
});

describe('npm run classify with a file', () => {
  /** Ids and texts of the sample batch. */
  const event = JSON.parse(readFileSync(join(ROOT, 'events', 'batch-100.json'), 'utf8'));
  const items = unpack(toStreamRecords(event)).map(({ content }) => {
    const { newImage } = decode(content as Buffer);
    return { id: String(newImage?.id?.S), text: String(newImage?.text?.S) };
  });

  it.each(['banking77-tfidf', 'banking77-cascade', 'banking77-mini', 'banking77-minilm'])(
    '%s: the same labels and scores as through the stream, to the last digit',
    async (model) => {
      const lines = items.map((item) => JSON.stringify(item)).join('\n');
      writeFileSync(join(folder, 'batch.jsonl'), lines);
      const args = ['--input', 'batch.jsonl', '--output', `${model}.jsonl`, '--model', model, '--top-k', '2'];
      const { code, stdout } = await classify(args);
      expect([code, stdout]).toEqual([0, `${model}.jsonl: 100 rows by ${model}@1\n`]);
      const found = jsonLines(readFileSync(join(folder, `${model}.jsonl`), 'utf8'));
      expect(found.map(({ id, text }) => ({ id, text }))).toEqual(items);

      const { written } = await replay(ROOT, event, { model });
      const streamed = new Map(written.map(({ id, ...labels }) => [id, labels]));
      for (const { id, label, label_score, label_by, label_list } of found) {
        const { label: other, label_score: score, label_by: by } = streamed.get(id) ?? {};
        expect({ id, label, label_score, label_by }).toEqual({
          id,
          label: other,
          label_score: score,
          label_by: by,
        });
        expect(label_list).toEqual([{ label, score: label_score }, expect.anything()]);
      }
    },
    120_000,
  );

  it('is told how far it is, and by exit status and summary of errors', async () => {
    const long = 'x'.repeat(100_001);
    writeFileSync(join(folder, 'errors.csv'), `text;id\n${PIN};1\n${long};2\n`);
    const args = ['--input', 'errors.csv', '--output', 'errors-out.csv'];
    const { code, stdout, stderr } = await classify(args);
    expect([code, stdout]).toEqual([
      1,
      'errors-out.csv: 2 rows by banking77-tfidf@1; errors: text-too-long 1\n',
    ]);
    expect(stderr).toMatch(/100 %, 2 rows/);
    expect(readFileSync(join(folder, 'errors-out.csv'), 'utf8')).toMatch(
      /^text;id;label;label_score;label_error\nHow do I change my PIN\?;1;change_pin;0\.9\d+;\nx+;2;;;text-too-long\n$/,
    );
    expect(await classify([...args, '--quiet'])).toMatchObject({ code: 1, stdout: '', stderr: '' });
  });

  it('leaves nothing half done after Ctrl-C', async () => {
    const row = `${PIN.replace('?', ' or something quite like it, please?')}\n`;
    writeFileSync(
      join(folder, 'many.csv'),
      `text\n${Array.from({ length: 300_000 }, (_, n) => `"${n} ${row.trim()}"\n`).join('')}`,
    );
    const child = spawn(
      process.execPath,
      [command('classify', []).file, '--input', 'many.csv', '--output', 'many-out.csv'],
      {
        cwd: folder,
        stdio: 'ignore',
      },
    );
    const partial = () => readdirSync(folder).filter((name) => name.includes('many-out'));
    while (partial().length === 0) await new Promise((next) => setTimeout(next, 20));
    expect(partial()).toEqual([expect.stringMatching(/^\.many-out\.csv\.\d+\.partial$/)]);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
    expect(partial()).toEqual([]);
  }, 60_000);
});

describe('npm run classify refuses', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['nothing', [], /Nothing to label: give texts, npm run classify -- "a text", or --input FILE/],
    ['an input without an output', ['--input', 'a.csv'], /--input needs --output FILE/],
    ['an output without an input', ['a', '--output', 'a.csv'], /--output needs --input FILE/],
    [
      'texts and a file',
      ['a', '--input', 'a.csv', '--output', 'b.csv'],
      /Texts and --input do not go together/,
    ],
    ['JSON and a file', ['--json', '--input', 'a.csv', '--output', 'b.csv'], /--json and --input do not go/],
    ['a prefix of texts', ['a', '--prefix', 'x'], /--prefix is for columns of a file/],
    [
      'a prefix of two models',
      ['--input', 'a.csv', '--output', 'b.csv', '--prefix', 'x', '--model', 'a,b'],
      /--prefix is for one model/,
    ],
    ['a missing input', ['--input', 'none.csv', '--output', 'b.csv'], /none\.csv: file not found/],
    [
      'an unknown model',
      ['a', '--model', 'nobody'],
      /model nobody not found; available: .*banking77-tfidf@1/,
    ],
    ['models that write the same', ['a', '--model', 'banking77-tfidf,banking77-minilm'], /both write label/],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await classify(args);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(message)]);
    expect(stderr).not.toMatch(/ at .*\.ts:/);
  });
});
