import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installPythonPeers } from '../../src/tools/bench/peers/install.ts';

const ROOT = join(import.meta.dirname, '..', '..');

const TRAIN = `
import joblib, sys
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
texts = ["my card is lost", "someone stole my card", "how do I change my pin", "я забыл пин"]
pipeline = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, ["card", "card", "pin", "pin"])
joblib.dump(pipeline, "pipeline.joblib")
`;

let python: string;
let project: string;
beforeAll(async () => {
  python = await installPythonPeers(ROOT, 'export');
  project = mkdtempSync(join(tmpdir(), 'labelstream-project-'));
  for (const part of ['package.json', 'package-lock.json', 'serverless.yml', 'src', 'layers'])
    cpSync(join(ROOT, part), join(project, part), { recursive: true });
  mkdirSync(join(project, 'models'));
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
  writeFileSync(join(project, 'train.py'), TRAIN);
  writeFileSync(join(project, 'samples.txt'), 'lost card\nпин\n');
  writeFileSync(join(project, 'samples.csv'), 'message,other\n"my ""card"",\nlost",1\npin,2\n');
  await run('train.py');
}, 300_000);
afterAll(() => rmSync(project, { recursive: true }));

/** Runs Python in the project. */
const run = async (...parameters: readonly string[]) => {
  const env = { ...process.env, PYTHONPATH: join(ROOT, 'models', 'export') };
  try {
    const { stdout } = await promisify(execFile)(python, parameters, { cwd: project, env });
    return { status: 0, said: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, said: stdout + stderr };
  }
};

const labelstreamExport = (...parameters: readonly string[]) =>
  run('-m', 'labelstream_export', 'sklearn', ...parameters);

it('one command makes a model that npm run classify has proved', async () => {
  const { status, said } = await labelstreamExport('pipeline.joblib', 'cards', '--texts', 'samples.txt');
  expect(said).toMatch(/models\/cards\/1: 2 labels, 1 vectorizer with \d+ n-grams, [\d,]+ bytes/);
  expect(said).toMatch(
    /on 2 samples and \d+ hard texts: the same labels, probabilities differ by \S+e-0[6-9]/,
  );
  expect(status).toBe(0);
  expect(readdirSync(join(project, 'models', 'cards'))).toEqual(['1']);
  const examples = JSON.parse(readFileSync(join(project, 'models', 'cards', '1', 'examples.json'), 'utf8'));
  expect(examples).toEqual([
    { text: 'lost card', label: 'card', score: expect.any(Number) },
    { text: 'пин', label: 'pin', score: expect.any(Number) },
  ]);
  const again = await labelstreamExport('pipeline.joblib', 'cards', '--texts', 'samples.txt');
  expect(again).toEqual({
    status: 2,
    said: expect.stringContaining('already exists; give another --version'),
  });
  const table = ['--texts', 'samples.csv', '--text-column', 'message', '--force'];
  expect(await labelstreamExport('pipeline.joblib', 'cards', ...table)).toEqual({
    status: 0,
    said: expect.stringContaining('on 2 samples'),
  });
}, 120_000);

it.each([
  [['pipeline.joblib', 'cards', '--project', '/'], /is not in a checkout of labelstream/],
  [['pipeline.joblib', 'a/b'], /NAME 'a\/b' should consist of letters/],
  [['pipeline.joblib', 'b', '--version', '..'], /--version '..' should consist of letters/],
  [['pipeline.joblib', 'b', '--texts', 'none.txt'], /none.txt cannot be read/],
  [['pipeline.joblib', 'b', '--texts', 'train.py'], /train.py has an unsupported extension/],
  [['pipeline.joblib', 'b', '--texts', 'samples.csv'], /samples.csv has no column text; name one/],
  [
    ['pipeline.joblib', 'b', '--labels', 'samples.txt'],
    /--labels names the columns of a multi-label pipeline/,
  ],
  [['train.py', 'b'], /train.py is no pipeline saved by joblib.dump/],
])('%p is refused', async (parameters, message) => {
  const { status, said } = await labelstreamExport(...parameters);
  expect(said).toMatch(message);
  expect(said).not.toContain('Traceback');
  expect(status).toBe(2);
  expect(readdirSync(join(project, 'models'))).not.toContain('b');
});

it('says what to install where that is missing', async () => {
  const without = [
    '-c',
    'import sys; sys.modules["joblib"] = None; from labelstream_export.cli import main; sys.exit(main())',
  ];
  const { status, said } = await run(...without, 'sklearn', 'pipeline.joblib', 'b');
  expect(said).toMatch(/joblib is not installed: pip install '.\/models\/export\[sklearn\]'/);
  expect(status).toBe(2);
});
