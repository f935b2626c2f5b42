import { createHash } from 'node:crypto';
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listFiles } from '../../../src/tools/build/layer-files.ts';
import {
  checkRuntimeSize,
  checkUnzippedSize,
  MAX_UNZIPPED_BYTES,
} from '../../../src/tools/build/layer-size.ts';
import { type Architecture, buildLayers, layerTarget } from '../../../src/tools/build/layers.ts';
import { textModel } from '../../support/onnx.ts';

const project = join(__dirname, '..', '..', '..');
const GRAPH = textModel();
const folders: string[] = [];

/** A project with one model, `demo/1`, and the dependencies of this one. */
const demoProject = async (manifest: object = {}): Promise<{ root: string; model: string }> => {
  const root = await mkdtemp(join(tmpdir(), 'labelstream-layers-'));
  folders.push(root);
  await symlink(join(project, 'node_modules'), join(root, 'node_modules'));
  await symlink(join(project, 'layers'), join(root, 'layers'));
  await writeFile(join(root, 'package.json'), '{}');
  const model = join(root, 'models/demo/1');
  await mkdir(model, { recursive: true });
  const sha256 = createHash('sha256').update(GRAPH).digest('hex');
  for (const [file, content] of Object.entries({
    'classifier.onnx': GRAPH,
    'README.md': '# Model card',
    'examples.json': '[]',
    'model.json': JSON.stringify({
      name: 'demo',
      version: '1',
      format: 'sklearn',
      task: 'text-classification',
      labels: ['a', 'b'],
      steps: [{ file: 'classifier.onnx', sha256 }],
      ...manifest,
    }),
  })) {
    await writeFile(join(model, file), content);
  }
  return { root, model };
};

/** Path, mode and time of change of each file: equal only if nothing was written. */
const state = async (folder: string) =>
  Promise.all(
    (await listFiles(folder)).map(async (file) => {
      const { mode, ctimeMs } = await stat(join(folder, file));
      return [file, mode & 0o777, ctimeMs];
    }),
  );

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

describe('buildLayers', () => {
  it.each(['arm64', 'x64'] as const)('builds for %s what the function needs and no more', async (cpu) => {
    const { root } = await demoProject();
    const { runtime, models, opt, sizes } = await buildLayers({ architecture: cpu, root });

    expect(runtime).toBe(join(root, '.build', cpu, 'runtime'));
    const files = await listFiles(join(runtime, 'nodejs/node_modules'));
    expect(files.filter((file) => !/\.js$|package\.json$/.test(file))).toEqual([
      '@aws-sdk/client-s3/LICENSE',
      `onnxruntime-node/bin/napi-v6/linux/${cpu}/libonnxruntime.so.1`,
      `onnxruntime-node/bin/napi-v6/linux/${cpu}/onnxruntime_binding.node`,
    ]);
    expect(sizes.runtime).toBeGreaterThan(20e6);
    expect(sizes.runtime).toBeLessThanOrEqual(60e6);
    expect(await listFiles(models)).toEqual(['models/demo/1/classifier.onnx', 'models/demo/1/model.json']);
    expect((await readdir(opt)).sort()).toEqual(['models', 'nodejs']);
    expect(await readdir(join(opt, 'models/demo/1'))).toHaveLength(2);
    if (process.platform !== 'win32') expect(await readlink(join(opt, 'models'))).toBe('../models/models');
  });

  it('writes nothing the second time, also when two builds run at once, and drops what is gone', async () => {
    const { root } = await demoProject();
    const [{ runtime, models }] = await Promise.all([buildLayers({ root }), buildLayers({ root })]);
    const before = [await state(runtime), await state(models)];
    await buildLayers({ root });
    expect([await state(runtime), await state(models)]).toEqual(before);

    await writeFile(join(models, 'models/stale.onnx'), '');
    await buildLayers({ root });
    expect([await state(runtime), await state(models)]).toEqual(before);
    expect((await readdir(join(root, '.build/arm64'))).sort()).toEqual(['models', 'opt', 'runtime']);
  });

  it('names the file that does not match its sha256, and both sums', async () => {
    const { root, model } = await demoProject();
    await appendFile(join(model, 'classifier.onnx'), '!');
    const expected = createHash('sha256').update(GRAPH).digest('hex');
    const found = createHash('sha256').update(GRAPH).update('!').digest('hex');
    await expect(buildLayers({ root })).rejects.toThrow(
      new RegExp(`demo/1/classifier\\.onnx .*expected sha256 ${expected}, found ${found}`),
    );
  });

  it('names the file that is missing', async () => {
    const { root, model } = await demoProject();
    await rm(join(model, 'classifier.onnx'));
    await expect(buildLayers({ root })).rejects.toThrow(/demo\/1\/classifier\.onnx is missing/);
  });

  it.each([
    [
      'a name that is not its folder',
      { name: 'other' },
      /demo\/1 holds other@1, but its path is that of demo@1/,
    ],
    ['no steps', { steps: [] }, /model\.json is not a model manifest: steps: /],
  ])('refuses a manifest with %s', async (_, manifest, message) => {
    const { root } = await demoProject(manifest);
    await expect(buildLayers({ root })).rejects.toThrow(message);
  });

  it('says so when there is no model', async () => {
    const { root, model } = await demoProject();
    await rm(model, { recursive: true });
    await expect(buildLayers({ root })).rejects.toThrow(/holds no <name>\/<version>\/model.json/);
  });
});

describe('layerTarget', () => {
  it('takes the names of Lambda and of Node.js', () => {
    expect(layerTarget('x86_64')).toEqual(layerTarget('x64'));
    expect(layerTarget('host')).toMatchObject({ platform: process.platform, cpu: process.arch });
    expect(() => layerTarget('ppc64' as Architecture)).toThrow(/"ppc64".*use arm64, x64/);
  });
});

describe('size checks', () => {
  it('pass at the limit and name each part, the largest first, above it', () => {
    const runtime = 45_000_000;
    const classifyStream = 1_000_000;
    const models = MAX_UNZIPPED_BYTES - runtime - classifyStream;
    expect(() => checkUnzippedSize({ classifyStream, runtime, models })).not.toThrow();
    expect(() => checkUnzippedSize({ classifyStream, runtime, models: models + 1 })).toThrow(
      'Function and layers together: 262144001 bytes unzipped, 1 more than the 262144000 allowed: ' +
        'models 216144001 (216.1 MB), runtime 45000000 (45.0 MB), classifyStream 1000000 (1.0 MB).',
    );
  });

  it('refuse a runtime layer above 60 MB', () => {
    expect(() => checkRuntimeSize(60_000_000)).not.toThrow();
    expect(() => checkRuntimeSize(60_000_001)).toThrow(/runtime layer: 60000001 bytes/);
  });
});
