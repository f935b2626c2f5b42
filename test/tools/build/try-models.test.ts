import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { textModel } from '../../support/onnx.ts';
import { command, runProgram } from '../../support/run-program.ts';
import { copyService, type ServiceCopy } from '../../support/service-copy.ts';
import { toyReader } from '../../support/toy-reader.ts';
import { FIXTURES } from '../../support/transformers.ts';

let service: ServiceCopy;

/** Models that are faulty in every way of which something is to be told, by what is told. */
const FAULTS: Readonly<Record<string, RegExp>> = {
  'half@1': /models\/half\/1 holds no ONNX graph/,
  'junk@1': /models\/junk\/1\/classifier\.onnx is not a graph that ONNX Runtime can run: it is no ONNX file/,
  'missing@1': /models\/missing\/1\/classifier\.onnx is missing/,
  'odd@1': /models\/odd\/1\/model\.onnx: output logits is 1 × 4, expected float32 1 × 1/,
  'torn@1': /models\/torn\/1\/model\.json is not a model manifest: labels: /,
  'wild@1': /models\/wild\/1\/classifier\.onnx is not a graph that ONNX Runtime can run: .*NoSuchOperator/,
  'wide@1': /models\/wide\/1.*output probabilities is float32 1 × 2, expected float32 1 × 3/,
  'alone@1': /stage nobody not found/,
};

const folder = (name: string) => join(service.root, 'models', name, '1');
const edit = async (name: string, change: object) => {
  const file = join(folder(name), 'model.json');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...change }));
};
const addFaulty = async () => {
  const bert = join(FIXTURES, 'bert/1');
  await cp(bert, folder('half'), { recursive: true });
  await rm(join(folder('half'), 'model.onnx'));
  await service.writeModel('junk', Buffer.from('junk'));
  await service.writeModel('missing');
  await rm(join(folder('missing'), 'classifier.onnx'));
  await cp(bert, folder('odd'), { recursive: true });
  await writeFile(join(folder('odd'), 'model.json'), '{"labels": ["one"]}');
  await service.writeModel('torn');
  await edit('torn', { labels: 'none' });
  const operator = {
    graph: [
      [
        1,
        [
          [1, 'text'],
          [2, 'x'],
          [4, 'NoSuchOperator'],
        ],
      ],
    ],
  } as const;
  await service.writeModel('wild', textModel(operator));
  await service.writeModel('wide');
  await edit('wide', { labels: ['a', 'b', 'c'] });
  await mkdir(folder('alone'), { recursive: true });
  const stages = [{ model: 'demo', threshold: 0.5 }, { model: 'nobody' }];
  await writeFile(join(folder('alone'), 'model.json'), JSON.stringify({ stages }));
};

beforeAll(async () => {
  service = await copyService();
  await service.writeModel('demo');
});
afterAll(() => service.remove());

/** Runs a command of the copy; standard output and error together. */
const run = async (name: string, ...args: readonly string[]) => {
  const env = { PATH: process.env.PATH };
  const { status, stdout, stderr } = await runProgram(command(name, args, { root: service.root, env }));
  return { status, stdout, said: stdout + stderr };
};

describe('a model that cannot be used', () => {
  beforeAll(async () => {
    await service.serverless(['package']);
    await addFaulty();
  }, 60_000);

  it('keeps a package from being made, which names every one of them, its file and its cause', async () => {
    const { status, stdout, stderr } = await service.serverless(['package']);
    const said = stdout + stderr;
    expect(status).toBe(1);
    expect(said).toMatch(/8 models in models\/ cannot be used:/);
    for (const [id, cause] of Object.entries(FAULTS)) {
      const line = said.split('\n').find((one) => one.includes(`${id}: `));
      expect([id, line]).toEqual([id, expect.stringMatching(cause)]);
    }
    expect(said).toMatch(/Fix what is wrong, or move the folder out of models\/ to leave the model out/);
    expect(said).not.toContain('demo@1');
  }, 60_000);

  it.each(['wild', 'torn', 'alone'])(
    'ends npm start at once, with the cause first, where it is used: %s',
    async (name) => {
      const { status, said } = await run('start', '--model', name, '--records', '5', '--quiet');
      expect(status).toBe(2);
      expect(said).toMatch(FAULTS[`${name}@1`] ?? /^$/);
      expect(said).not.toMatch(/TransientError|could not classify/);
    },
    60_000,
  );

  it('ends a replay the same way', async () => {
    const { status, said } = await run('replay', 'events/insert.json', '--model', 'wild');
    expect(status).toBe(2);
    expect(said).toMatch(
      /wild\/1\/classifier\.onnx is not a graph that ONNX Runtime can run: .*NoSuchOperator/,
    );
  }, 60_000);

  it('is left out with a word where another is used', async () => {
    const { status, said } = await run('start', '--model', 'demo', '--records', '50', '--memory', '512');
    expect([status, said]).toEqual([0, expect.stringMatching(/50\/50 labelled/)]);
    expect(said).toMatch(
      /Left out, because they cannot be used:[^]*torn@1: models\/torn\/1\/model\.json is not/,
    );
  }, 60_000);

  it('is not looked for twice in the same files', async () => {
    for (const id of Object.keys(FAULTS)) await rm(folder(id.split('@')[0] ?? ''), { recursive: true });
    const tried = join(service.root, '.build/arm64/tried.json');
    const known = JSON.parse(await readFile(tried, 'utf8'));
    expect(Object.keys(known)).toEqual(['demo@1']);
    const { mtimeMs } = await stat(tried);
    expect((await service.serverless(['package'])).status).toBe(0);
    expect((await stat(tried)).mtimeMs).toBe(mtimeMs);
    // Other files are another model.
    await service.writeModel('demo', textModel({ graph: [[10, 'another one']] }));
    expect((await service.serverless(['package'])).status).toBe(0);
    expect(JSON.parse(await readFile(tried, 'utf8'))).not.toEqual(known);
  }, 60_000);
});

describe('a model that answers questions', () => {
  const reader = toyReader();
  afterAll(() => reader.release());

  it('is tried with a question, packaged and checked', async () => {
    await cp(reader.folder, folder('reader'), { recursive: true });
    const { status, stderr } = await service.serverless(['package']);
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('cannot be used')]);
    const check = await run('model', 'check', 'reader');
    expect([check.status, check.said]).toEqual([0, expect.stringContaining('reader@1')]);
  }, 60_000);
});
