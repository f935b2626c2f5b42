import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { modelNames, stageNames } from '../../../src/tools/serverless-yml/names.ts';
import { readServerlessFile, serverlessTexts } from '../../../src/tools/serverless-yml/serverless-file.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'labelstream-yml-'));
});
afterEach(() => rm(root, { recursive: true }));

/** Writes files below the root: `{ 'serverless.yml': 'service: demo' }` */
const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
};

describe('serverless.yml', () => {
  it('is what users read and set, at most 200 lines; the rest is in src/infrastructure/', async () => {
    const text = await readFile(join(ROOT, 'serverless.yml'), 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(200);
  });
});

describe('the reader of serverless.yml', () => {
  it('follows includes, an address in one, and includes in includes', async () => {
    await write({
      'serverless.yml': 'custom:\n  esbuild: ${file(./build.yml):options.node}\n',
      'build.yml': 'options:\n  node: ${file(parts/node.yml)}\n',
      'parts/node.yml': 'outputFileExtension: .cjs\n',
    });
    expect((await readServerlessFile(root)).custom).toEqual({ esbuild: { outputFileExtension: '.cjs' } });
  });

  it('has what any choice of a parameter brings, merged as the framework does', async () => {
    await write({
      'serverless.yml':
        'functions:\n  - one: { handler: a.b }\n  - ${file(fan-out/${param:fanOut}.yml):functions, null}\n' +
        'resources:\n  - Resources: { Table: { Properties: { TableName: t } } }\n' +
        '  - ${file(fan-out/${param:fanOut}.yml):resources, null}\n  - ${self:custom.more}\n' +
        '  - Resources: ${self:custom.others}\n',
      'fan-out/native.yml':
        'functions: {}\nresources:\n  Resources: { Table: { Properties: { Stream: s } } }\n',
      'fan-out/function.yml': 'functions:\n  two: { handler: c.d }\n',
    });
    const { functions, resources } = await readServerlessFile(root);
    expect(functions).toEqual({ one: { handler: 'a.b' }, two: { handler: 'c.d' } });
    expect(resources).toEqual({ Resources: { Table: { Properties: { TableName: 't', Stream: 's' } } } });
  });

  it('has lists of parts that are in files of their own', async () => {
    await write({
      'serverless.yml': 'functions: ${file(functions.yml)}\nresources: ${file(resources.yml)}\n',
      'functions.yml': '- ${file(one.yml)}\n- ${file(fan-out/${param:fanOut}.yml):functions, null}\n',
      'one.yml': 'one: { handler: a.b }\n',
      'resources.yml': '- Resources: { Table: { Properties: { TableName: t } } }\n- ${self:custom.more}\n',
    });
    const { functions, resources } = await readServerlessFile(root);
    expect(functions).toMatchObject({ one: { handler: 'a.b' } });
    expect(resources).toEqual({ Resources: { Table: { Properties: { TableName: 't' } } } });
  });

  it('takes a value from a file, and none from one that may lack', async () => {
    await write({
      'serverless.yml':
        'service: ${file(names.json):service}\ncustom:\n  lists: ${file(./names.json):lists}\n' +
        "  own: ${file(config/own.yml):name, 'none'}\n  stage: ${file(config/${sls:stage}.yml), null}\n",
      'names.json': '{ "service": "demo", "lists": ["a", "b"] }',
    });
    expect(await readServerlessFile(root)).toMatchObject({ service: 'demo', custom: { lists: ['a', 'b'] } });
  });

  it('leaves programs, which the framework would run, as they are written', async () => {
    await write({ 'serverless.yml': 'custom: { names: "${file(names.js)}" }\n' });
    expect((await readServerlessFile(root)).custom).toEqual({ names: '${file(names.js)}' });
  });

  it('leaves other variables as they are written', async () => {
    await write({ 'serverless.yml': 'service: demo\ncustom:\n  name: ${self:service}-${sls:stage}\n' });
    expect((await readServerlessFile(root)).custom).toEqual({ name: '${self:service}-${sls:stage}' });
  });

  it('has the text of each file, of any choice', async () => {
    await write({
      'serverless.yml': 'resources:\n  - ${file(stream/${param:mode}.yml), null}\n',
      'stream/A.yml': 'Resources: {}\n',
      'stream/B.yml': 'Resources: { }\n',
    });
    const texts = await serverlessTexts(root);
    expect([...texts.keys()].toSorted()).toEqual(['serverless.yml', 'stream/A.yml', 'stream/B.yml']);
    expect(texts.get('stream/B.yml')).toBe('Resources: { }\n');
  });

  it.each([
    ['is not there', {}, /serverless\.yml cannot be read:\nserverless\.yml: ENOENT/],
    [
      'includes what is not there',
      { 'serverless.yml': 'custom: ${file(a.yml)}\n' },
      /cannot be read:\na\.yml: ENOENT/,
    ],
    [
      'includes what is no YAML',
      { 'serverless.yml': 'custom: ${file(a.yml)}\n', 'a.yml': 'a: [1\n' },
      /cannot be read:\na\.yml: .*line 2/s,
    ],
  ])('says so where the file %s', async (_, files, message) => {
    await write(files);
    await expect(readServerlessFile(root)).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(message),
    });
  });
});

describe('names of a stage', () => {
  it('are those of serverless.yml', async () => {
    expect(await modelNames(ROOT, 'qa')).toEqual({
      functionName: 'labelstream-qa-classify-stream',
      layerName: 'labelstream-qa-models',
      predictName: 'labelstream-qa-predict',
      stackName: 'labelstream-qa',
      compatibleRuntimes: ['nodejs24.x'],
    });
    expect(await stageNames(ROOT, 'qa')).toEqual({
      rejects: 'labelstream-qa-rejects',
      stream: 'labelstream-qa-changes',
      failedBatches: 'labelstream-qa-failed-batches',
      objects: 'labelstream-qa-objects',
      failedObjects: 'labelstream-qa-failed-objects',
    });
  });

  it.each([
    [
      'made of something else',
      '{ TableName: "${env:NAME}" }',
      /RejectsTable\.TableName should .* is \$\{env:NAME\}/,
    ],
    ['missing', '{}', /RejectsTable\.TableName should be made of service and stage, but is missing/],
  ])('are refused where one is %s', async (_, properties, message) => {
    await write({
      'serverless.yml': `service: demo\nresources:\n  - Resources: { RejectsTable: { Properties: ${properties} } }\n`,
    });
    await expect(stageNames(root, 'dev')).rejects.toThrow(message);
  });
});
