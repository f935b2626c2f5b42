import { mkdir, readlink, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { ModelError } from '../../errors.ts';
import { directoryModels } from '../../models/sources/directory.ts';
import { type ModelFault, modelId } from '../../models/folder/model-folder.ts';
import { openBuildFolder } from './build-folder.ts';
import { checkMachine, type ELF_MACHINES } from './elf.ts';
import { folderBytes, type LayerFile, listFiles, syncFolder } from './layer-files.ts';
import { prepareModel } from './layer-models.ts';
import { sdkFiles } from './layer-sdk.ts';
import { checkRuntimeSize } from './layer-size.ts';
import { refuseFaults } from './model-faults.ts';
import { withScratch } from '../scratch-folder.ts';
import { UserError } from '../user-error.ts';

/** A CPU by the name that Lambda (`x86_64`) or Node.js (`x64`) has for it, or `host`: this machine. */
export type Architecture = 'arm64' | 'x64' | 'x86_64' | 'host';

export interface LayerTarget {
  readonly platform: NodeJS.Platform;
  readonly cpu: keyof typeof ELF_MACHINES;
  /** Folder below `.build`: the CPU's name, after the platform's where that is not Linux. */
  readonly name: string;
}

export interface Layers {
  /** The runtime layer's root: `nodejs/node_modules/` with ONNX Runtime and the client of S3. */
  readonly runtime: string;
  /** The models layer's root: `models/<name>/<version>`. */
  readonly models: string;
  /** A folder that looks as `/opt` does on Lambda. */
  readonly opt: string;
  /** Bytes, unzipped. */
  readonly sizes: { readonly runtime: number; readonly models: number };
}

/** @throws UserError if Lambda does not have the architecture. */
export const layerTarget = (architecture: Architecture): LayerTarget => {
  const local = architecture === 'host';
  const platform = local ? process.platform : 'linux';
  const cpu = local ? process.arch : architecture === 'x86_64' ? 'x64' : architecture;
  if (cpu !== 'arm64' && cpu !== 'x64') {
    throw new UserError(`architecture "${cpu}" has no ONNX Runtime: use arm64, x64 (x86_64) or host.`);
  }
  return { platform, cpu, name: platform === 'linux' ? cpu : `${platform}-${cpu}` };
};

const runtimeFiles = async (root: string, { platform, cpu }: LayerTarget): Promise<readonly LayerFile[]> => {
  const packageFolder = (name: string, from: string): string =>
    dirname(createRequire(join(from, 'package.json')).resolve(`${name}/package.json`));
  const node = packageFolder('onnxruntime-node', root);
  // `onnxruntime-common` does not export its package.json: its entry point, dist/cjs/index.js, is found instead.
  const common = dirname(
    dirname(dirname(createRequire(join(node, 'package.json')).resolve('onnxruntime-common'))),
  );
  const binaries = `bin/napi-v6/${platform}/${cpu}/`;
  const pick = async (folder: string, name: string, needed: (file: string) => boolean) =>
    (await listFiles(folder))
      .filter((file) => /^LICEN[CS]E|^NOTICE|^ThirdParty/i.test(file) || needed(file))
      .map((file) => ({ from: join(folder, file), to: `nodejs/node_modules/${name}/${file}` }));
  const script = /(^|\/)(package\.json|[^/]+\.js)$/;
  // The GPU providers are loaded on request only; Lambda has no GPU.
  const gpu = /cuda|tensorrt|rocm|webgpu|DirectML|dxcompiler|dxil/i;
  const files = [
    ...(await pick(node, 'onnxruntime-node', (file) =>
      file.startsWith(binaries)
        ? platform !== 'linux' || !gpu.test(file)
        : file === 'package.json' || (file.startsWith('dist/') && script.test(file)),
    )),
    ...(await pick(common, 'onnxruntime-common', (file) =>
      file.startsWith('dist/') ? file.startsWith('dist/cjs/') && script.test(file) : file === 'package.json',
    )),
    { from: join(root, 'layers/runtime/LICENSE-onnxruntime'), to: 'nodejs/LICENSE-onnxruntime' },
  ];
  if (!files.some(({ to }) => to.endsWith(`${binaries}onnxruntime_binding.node`))) {
    throw new UserError(
      `onnxruntime-node has no ${binaries}onnxruntime_binding.node: run npm ci, or choose another architecture.`,
    );
  }
  return files;
};

/** @returns the models that cannot be used, which are left out */
const buildModels = async (
  models: string,
  cpu: string,
  out: string,
  scratch: string,
): Promise<readonly ModelFault[]> => {
  const catalogue = await directoryModels(models).list();
  const faults = [...catalogue.faults];
  for (const model of catalogue.models) {
    const to = join(scratch, 'models', relative(models, model.folder));
    try {
      await prepareModel(model, to, cpu);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      faults.push({ id: modelId(model.manifest), folder: model.folder, error });
      await rm(to, { recursive: true, force: true });
    }
  }
  if (faults.length === catalogue.models.length + catalogue.faults.length) refuseFaults(faults);
  const files = (await listFiles(join(scratch, 'models'))).map((file) => `models/${file}`);
  await syncFolder(
    files.map((file) => ({ from: join(scratch, file), to: file })),
    out,
    scratch,
  );
  return faults;
};

const link = async (target: string, path: string): Promise<void> => {
  const to = process.platform === 'win32' ? target : relative(dirname(path), target);
  if ((await readlink(path).catch(() => undefined)) === to) return;
  await rm(path, { recursive: true, force: true });
  await symlink(to, path, 'junction').catch((error) => {
    // A concurrent build was first.
    if (error.code !== 'EEXIST') throw error;
  });
};

/**
 * Builds the runtime layer and the models layer for one architecture below `out`, and `opt`, the content of `/opt` with
 * both. The same content always gives the same bytes, names and modes.
 *
 * @throws ModelError that lists every model that is incomplete, corrupt or misplaced; Error where the runtime layer is
 *   larger than 60 MB or a library in either is made for another CPU; UserError where `.build` cannot be written.
 */
export const buildLayers = async (options: LayerOptions = {}): Promise<Layers> => {
  const { faults, ...layers } = await buildSoundLayers(options);
  refuseFaults(faults);
  return layers;
};

export interface LayerOptions {
  readonly architecture?: Architecture;
  readonly root?: string;
  readonly out?: string;
  /** Without it the models layer is empty: models are elsewhere. */
  readonly hasModels?: boolean;
}

/** Like `buildLayers`, without the models that cannot be used. @returns those models, too */
export const buildSoundLayers = async ({
  architecture = 'arm64',
  root = process.cwd(),
  out,
  hasModels = true,
}: LayerOptions = {}): Promise<Layers & { readonly faults: readonly ModelFault[] }> => {
  const target = layerTarget(architecture);
  const base = out ?? join(await openBuildFolder(root), target.name);
  const [runtime, models, opt] = [join(base, 'runtime'), join(base, 'models'), join(base, 'opt')];
  await mkdir(opt, { recursive: true });
  const faults = await withScratch(base, async (scratch) => {
    const files = [...(await runtimeFiles(root, target)), ...(await sdkFiles(root))];
    await syncFolder(files, runtime, scratch);
    if (!hasModels) return [];
    return buildModels(join(root, 'models'), target.cpu, models, scratch);
  });
  await link(join(runtime, 'nodejs'), join(opt, 'nodejs'));
  await link(join(models, 'models'), join(opt, 'models'));
  const sizes = { runtime: await folderBytes(runtime), models: hasModels ? await folderBytes(models) : 0 };
  // Only Linux builds are deployed; the libraries of other systems are larger.
  if (target.platform === 'linux') {
    checkRuntimeSize(sizes.runtime);
    await checkMachine(runtime, target.cpu);
    await checkMachine(models, target.cpu);
  }
  return { runtime, models, opt, sizes, faults };
};
