import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { command, execProgram } from '../../support/run-program.ts';
import { s3World } from '../../support/embedded-s3.ts';

const LOST = 'I lost my card in a taxi';
let folder: string;
const path = (name: string): string => join(folder, name);
const start = (...parameters: readonly string[]) =>
  execProgram(command('start', ['--objects', ...parameters, '--output', path('outputs')]));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labelstream-objects-'));
  await writeFile(path('a + b.jsonl'), `{"id":7,"text":"${LOST}"}\n{"id":8}\nnot JSON\n`);
  await writeFile(path('table.csv'), `id,text\n1,"${LOST},\nreally"\n\n2,${LOST}\n`);
  await writeFile(path('zipped.txt.gz'), gzipSync(`${LOST}\n\n${LOST}`));
  await writeFile(path('message.jsonl'), `{"message":{"body":"${LOST}"}}\n`);
  await writeFile(path('broken.jsonl.gz'), gzipSync(`{"text":"${LOST}"}\n`.repeat(9_000)).subarray(0, 300));
  await writeFile(path('picture.png'), 'pixels');
});
afterAll(() => rm(folder, { recursive: true }));

interface Report {
  readonly outputs: readonly { readonly path: string; readonly manifest: object }[];
  readonly outcomes: object;
  readonly faults: readonly string[];
}

const report = async (file: string): Promise<Report> => JSON.parse(await readFile(path(file), 'utf8'));

describe('npm start -- --objects', () => {
  it('classifies files as the S3 door does, checks each record, and says where the outputs are', async () => {
    const files = ['a + b.jsonl', 'table.csv', 'zipped.txt.gz'].map(path);
    const { stdout } = await start(...files, '--report', path('report.json'));
    expect(stdout).toMatch(/a \+ b\.jsonl +│ banking77-tfidf@1 │ 3 +│ 1 +│ bad-json 1, no-text 1/);
    const { outputs, outcomes, faults } = await report('report.json');
    expect([outcomes, faults]).toEqual([{ done: 3 }, []]);
    expect(outputs.map((output) => output.path)).toEqual(
      ['a + b.jsonl', 'table.csv', 'zipped.txt.gz'].map((name) =>
        join(folder, 'outputs', 'banking77-tfidf@1', `${name}.out`),
      ),
    );
    const lines = (await readFile(outputs[0]?.path ?? '', 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      expect.objectContaining({ recordId: 7, label: 'lost_or_stolen_card', model: 'banking77-tfidf@1' }),
      { recordId: 8, error: { code: 'no-text', message: expect.any(String) } },
      { recordId: 3, error: { code: 'bad-json', message: expect.any(String) } },
    ]);
  });

  it('takes the text from where it is told to', async () => {
    await start(
      path('message.jsonl'),
      '--text-column',
      'message.body',
      '--report',
      path('report.json'),
      '--quiet',
    );
    expect((await report('report.json')).outputs).toMatchObject([{ manifest: { counts: { labelled: 1 } } }]);
  });

  it('puts them into the S3 that AWS_ENDPOINT_URL_S3 names, where the outputs stay', async () => {
    const world = await s3World([]);
    try {
      const env = { ...process.env, AWS_ENDPOINT_URL_S3: world.endpoint };
      const file = path('message.jsonl');
      await execProgram(
        command('start', ['--objects', file, '--output', path('outputs'), '--quiet'], { env }),
      );
      const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
      const listed = await world.client.send(
        new ListObjectsV2Command({ Bucket: 'labelstream-local-output' }),
      );
      expect(listed.Contents?.map(({ Key }) => Key?.replace(/\/[\da-f]{32}\//, '/etag/'))).toEqual([
        'banking77-tfidf@1/etag/message.jsonl.manifest.json',
        'banking77-tfidf@1/etag/message.jsonl.out',
      ]);
    } finally {
      await world.stop();
    }
  });

  it('ends with status 1 where an object cannot be read to its end, and says why', async () => {
    await expect(start(path('broken.jsonl.gz'), path('picture.png'), '--quiet')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/broken\.jsonl\.gz: bad-gzip: [^]*picture\.png: unknown-format: /),
    });
  });

  it.each([
    ['a file that is not there', ['nowhere.csv'], /nowhere\.csv cannot be read: there is no such file/],
    ['a folder', ['.'], /is no file: name files/],
    ['two of one name', ['table.csv', 'table.csv'], /two files called table\.csv/],
    ['an option of an ingest', ['table.csv', '--chaos'], /--chaos is not for --objects/],
    ['a stage', ['table.csv', '--stage', 'dev'], /--stage is not for --objects/],
  ])('refuses %s', async (_, parameters, message) => {
    const [file = '', ...others] = parameters;
    const named = [path(file), ...others.map((one) => (one.endsWith('.csv') ? path(one) : one))];
    await expect(start(...named)).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });
});
