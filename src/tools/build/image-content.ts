import { chmod, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { withScratch } from '../scratch-folder.ts';
import { UserError } from '../user-error.ts';
import { openBuildFolder } from './build-folder.ts';
import { buildProgram } from './bundle.ts';
import { type LayerFile, listFiles, syncFolder } from './layer-files.ts';
import { type Architecture, buildLayers, layerTarget } from './layers.ts';

export interface ImageContent {
  /** Of `.build/image`, which the Dockerfile copies from. */
  readonly bytes: number;
  /** The CPU as container images name it. */
  readonly platform: 'linux/amd64' | 'linux/arm64';
}

export interface ImageOptions {
  readonly architecture: Architecture;
  /** Takes the Node.js that runs this along, for a base that has none. */
  readonly node: boolean;
}

/**
 * Prepares what the image holds: the program, ONNX Runtime and the models, in `.build/image`.
 *
 * @throws ModelError, UserError as `buildLayers`; UserError where Node.js is wanted for another machine than this one
 */
export const prepareImage = async (
  root: string,
  { architecture, node }: ImageOptions,
): Promise<ImageContent> => {
  const { cpu, platform } = layerTarget(architecture);
  if (node && (process.platform !== 'linux' || cpu !== process.arch))
    throw new UserError(
      `The Node.js of this machine is for ${process.platform} ${process.arch}, not for linux ${cpu}: ` +
        'use a base image that has Node.js.',
    );
  if (platform !== 'linux')
    throw new UserError(`An image is for Linux: name the CPU by --architecture arm64 or x86_64.`);
  const build = await openBuildFolder(root);
  const { opt } = await buildLayers({ architecture, root });
  const program = await buildProgram(root, join(build, 'program'));
  const out = join(build, 'image');
  const ofLayer = async (name: string): Promise<readonly LayerFile[]> =>
    (await listFiles(join(opt, name))).map((file) => ({
      from: join(opt, name, file),
      to: `opt/${name}/${file}`,
    }));
  const files = [
    { from: program, to: 'app/main.cjs' },
    ...(await ofLayer('nodejs')),
    ...(await ofLayer('models')),
    ...(node ? [{ from: process.execPath, to: 'bin/node' }] : []),
  ];
  await mkdir(join(out, 'bin'), { recursive: true });
  await withScratch(build, (scratch) => syncFolder(files, out, scratch));
  if (node) await chmod(join(out, 'bin', 'node'), 0o755);
  await openFolders(out);
  const sizes = await Promise.all(files.map(({ to }) => stat(join(out, to))));
  return {
    bytes: sizes.reduce((bytes, { size }) => bytes + size, 0),
    platform: cpu === 'arm64' ? 'linux/arm64' : 'linux/amd64',
  };
};

/** Whoever runs the image may read it, whatever the umask here; folders of files that are gone go, too. */
const openFolders = async (folder: string): Promise<void> => {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    await openFolders(path);
    if (entry.name !== 'bin' && (await readdir(path)).length === 0) await rm(path, { recursive: true });
  }
};
