import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, runProgram } from '../../../support/run-program.ts';
import { toyReader } from '../../../support/toy-reader.ts';
import { copyService, type ServiceCopy } from '../../../support/service-copy.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelstream-input-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Exit status and output of a command. @param env instead of what names an AWS account */
const run = async (
  name: string,
  args: readonly string[],
  { env = {}, root }: { env?: Readonly<Record<string, string>>; root?: string } = {},
) => {
  const { PATH, HOME } = process.env;
  const program = command(name, args, { env: { PATH, HOME, ...env }, ...(root !== undefined && { root }) });
  const { status: code, ...written } = await runProgram(program);
  return { code, ...written };
};

const start = (...args: string[]) => run('start', args);

const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const BANKING =
  'id;text;intent\n1;"My card; it\nis lost";lost_or_stolen_card\n2;How do I change my PIN?;change_pin\n';

describe('npm start with a model that answers questions', () => {
  let copy: ServiceCopy;
  beforeAll(async () => {
    copy = await copyService();
    const reader = toyReader();
    cpSync(reader.directory, join(copy.root, 'models'), { recursive: true });
    reader.release();
  });
  afterAll(() => copy.remove());
  const ask = (...args: string[]) => run('start', ['--model', 'bert', ...args], { root: copy.root });

  it('takes the questions of a file, each once, and finds every answer', async () => {
    const input = file(
      'questions.jsonl',
      '{"q":"Which card?","about":{"text":"It is the card."}}\n'.repeat(3),
    );
    const report = join(folder, 'questions.json');
    const columns = ['--question-column', 'q', '--context-column', 'about.text'];
    const { code, stdout, stderr } = await ask('--input', input, ...columns, '--report', report);
    expect(stderr).not.toMatch(/rror/);
    expect(code).toBe(0);
    expect(stdout).toMatch(/questions\.jsonl: 3 messages, each once/);
    expect(stdout).not.toMatch(/labels\s+│/);
    const found = JSON.parse(readFileSync(report, 'utf8'));
    expect(found).toMatchObject({ records: 3, labelled: 3, lost: 0, wrong: 0, model: 'bert@1', labels: [] });
    expect(found.models).toEqual([{ model: 'bert@1', items: 3 }]);
  });

  it('answers those of a file in an embedded S3', async () => {
    const input = file('objects.csv', 'q,about\nWhich card?,It is the card.\n');
    const columns = ['--question-column', 'q', '--context-column', 'about'];
    const output = join(folder, 'objects-out');
    const { code } = await ask('--objects', input, ...columns, '--output', output, '--quiet');
    expect(code).toBe(0);
    const [answered = ''] = readdirSync(output, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.out'));
    expect(readFileSync(join(output, answered), 'utf8')).toContain('Which card?,It is the card.,the,');
  });

  it.each([
    ['a column that is not there', ['--input', 'FILE'], /column "question"/],
    [
      'expected labels',
      ['--input', 'FILE', '--label-column', 'q'],
      /--label-column is for models that classify texts, and bert answers questions/,
    ],
    [
      'a bad day',
      ['--chaos', '--records', '5'],
      /npm start -- --chaos is about texts .* bert@1 is for question-answering/,
    ],
  ])('says what to correct for %s', async (_, args, message) => {
    const input = file('asked.csv', 'q,context\nWhich card?,It is the card.\n');
    const { code, stderr } = await ask(...args.map((one) => (one === 'FILE' ? input : one)));
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('npm start --input', () => {
  it('refuses the columns of questions where the model classifies texts', async () => {
    const { code, stderr } = await start('--input', file('texts.csv', BANKING), '--question-column', 'id');
    expect(stderr).toMatch(
      /--question-column is for models that answer questions, and banking77-tfidf classifies/,
    );
    expect(code).toBe(2);
  });

  it('takes each message once unless told otherwise, and says so', async () => {
    const input = file('once.csv', BANKING);
    const report = join(folder, 'report.json');
    const { code, stdout } = await start('--input', input, '--label-column', 'intent', '--report', report);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/once\.csv: 2 messages, each once/)]);
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({
      records: 2,
      items: 2,
      accuracy: 1,
      accuracyItems: 2,
      input: { records: 2, messages: 2, isWhole: true },
    });
  });

  it('takes the first ones where fewer are wanted, and says so', async () => {
    const { code, stdout } = await start('--input', file('first.csv', BANKING), '--records', '1');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/first\.csv: the first 1 message /)]);
  });

  it('takes texts within other fields', async () => {
    const input = file('nested.jsonl', '{"message":{"body":"How do I change my PIN?"}}\n');
    const { code, stdout } = await start('--input', input, '--text-column', 'message.body');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/change_pin 1 /)]);
  });

  it('tells a fault in the last line before anything is started', async () => {
    const input = file('broken.jsonl', `${'{"text":"hello"}\n'.repeat(5_000)}{"text":1}\n`);
    const { code, stdout, stderr } = await start('--input', input);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      `${input}, line 5001, column "text": not a string; write the value in quotes or name another column\n`,
    );
  });
});

describe('npm start --label-column, with a column that has no label of the model', () => {
  const refused = async (content: string, ...args: string[]) => {
    const input = file('labels.csv', content);
    const { code, stdout, stderr } = await start('--input', input, '--label-column', 'kind', ...args);
    expect([code, stdout]).toEqual([2, '']);
    return stderr.replace(input, 'FILE');
  };
  const rows = (values: readonly string[]) =>
    `kind,text\n${values.map((value) => `${value},hello\n`).join('')}`;

  it('names some that the model has, and how many values were looked at', async () => {
    expect(await refused(rows(Array.from({ length: 150 }, (_, index) => `secret ${index}`)))).toBe(
      'FILE, column "kind": none of its first 100 values is a label of banking77-tfidf@1, which gives "Refund_not_showing_up", ' +
        '"activate_my_card", "age_limit" and 74 more; name the column of the labels, or the model that gives them (--model)\n',
    );
    expect(await refused(rows(['a', '', 'b']), '--model', 'banking77-cascade')).toMatch(
      /none of its first 2 values is a label of banking77-cascade@1, which gives .* and 74 more/,
    );
    expect(await refused(rows(['', 'a']))).toMatch(/its only value is not a label of banking77-tfidf@1/);
    expect(await refused(rows(['', '']))).toMatch(/no label in it; name the column that has them/);
  });

  it('takes one where some are', async () => {
    const input = file('some.csv', rows(['no_such_label', 'age_limit']));
    const { code, stdout } = await start('--input', input, '--label-column', 'kind');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/accuracy [\d.]+% of 2 items/)]);
  });
});

describe('what cannot be written', () => {
  it.each([
    ['in no folder', () => join(folder, 'none', 'report.json'), /the folder does not exist \(ENOENT\)/],
    ['below a file', () => join(file('a-file', ''), 'report.json'), /is a file, not a folder \(ENOTDIR\)/],
    ['as a folder', () => folder, /it is a folder \(EISDIR\)/],
  ])('a report %s is told before the run', async (_, path, fault) => {
    const { code, stdout, stderr } = await start('--report', path());
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(fault);
    expect(stderr).toMatch(
      /^--report .* cannot be written: .*; name a file in a folder that can be written\.\n$/,
    );
  });

  it('a report of the bench is told before it, too', async () => {
    const { code, stdout, stderr } = await run('bench', ['--report', join(folder, 'none', 'a')]);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(/cannot be written/)]);
  });

  it('a report that can be is left as it is when the run fails', async () => {
    const [old, fresh] = [file('old.json', 'old'), join(folder, 'fresh.json')];
    for (const report of [old, fresh]) {
      const { code } = await start('--input', join(folder, 'none.csv'), '--report', report);
      expect(code).toBe(2);
    }
    expect(readFileSync(old, 'utf8')).toBe('old');
    expect(existsSync(fresh)).toBe(false);
  });

  it('a checkout is told in a message', async () => {
    const copy = await copyService({ models: ['banking77-tfidf'] });
    try {
      writeFileSync(join(copy.root, '.build'), '');
      for (const [name, ...args] of [
        ['start', '--records', '1'],
        ['start', '--records', '1', '--stage', 'dev'],
        ['replay', join('events', 'insert.json')],
        ['model', 'check'],
      ] as const) {
        const { code, stderr } = await run(name, args, { root: copy.root });
        expect([name, code, stderr]).toEqual([
          name,
          2,
          expect.stringMatching(
            /\.build cannot be written: something in its path is a file, not a folder \(ENOTDIR\)/,
          ),
        ]);
        expect(stderr).not.toMatch(/ at .*\.ts:/);
      }
      rmSync(join(copy.root, '.build'));
      mkdirSync(join(copy.root, '.build', 'function', 'src', 'functions', 'classify-stream.cjs'), {
        recursive: true,
      });
      const { code, stderr } = await run('start', ['--records', '1'], { root: copy.root });
      expect([code, stderr]).toEqual([2, expect.not.stringMatching(/ at .*\.ts:/)]);
    } finally {
      await copy.remove();
    }
  }, 60_000);
});

describe('a region that is not there', () => {
  const AWS = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_EC2_METADATA_DISABLED: 'true' };
  const nowhere = { ...AWS, AWS_CONFIG_FILE: '/nowhere', AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };

  it.each<[string, string, readonly string[], Readonly<Record<string, string>>, RegExp]>([
    [
      'is that of serverless.yml',
      'redrive',
      ['list'],
      nowhere,
      /^AWS cannot be reached \(ECONNREFUSED\), while looking at the stream\./,
    ],
    [
      'is told',
      'redrive',
      ['list'],
      { ...AWS, AWS_REGION: 'us east' },
      /^Region not accepted: .*: give --region/,
    ],
    [
      'is that of serverless.yml',
      'start',
      ['--stage', 'x', '--records', '1'],
      nowhere,
      /^AWS cannot be reached \(ECONNREFUSED\), while looking for stack labelstream-x\./,
    ],
    [
      'is that of serverless.yml where it is empty',
      'start',
      ['--stage', 'x', '--records', '1'],
      { ...nowhere, AWS_REGION: '' },
      /^AWS cannot be reached \(ECONNREFUSED\), while looking for stack labelstream-x\./,
    ],
    [
      'is told where it is none',
      'start',
      ['--stage', 'x', '--records', '1', '--region', 'us east'],
      nowhere,
      /^Region not accepted: .*: give --region/,
    ],
  ])('%s: npm run %s %j', async (_, name, args, env, message) => {
    const { code, stderr } = await run(name, args, { env });
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('is us-east-1 for embedded parts, also where it is empty', async () => {
    const { code } = await run('start', ['--records', '1', '--quiet'], { env: { AWS_REGION: '' } });
    expect(code).toBe(0);
  });
});
