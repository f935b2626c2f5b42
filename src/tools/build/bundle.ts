import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { builtBefore } from './built-before.ts';
import type { ForwardKind } from '../../streams/forward/target.ts';
import { readServerlessFile, type ServerlessFile } from '../serverless-yml/serverless-file.ts';

export interface Bundle {
  /** What `/var/task` is on Lambda. */
  readonly folder: string;
  /** The function's handler, relative to the folder: `src/functions/classify-stream.handler`. */
  readonly handler: string;
  /** The bundle itself. */
  readonly file: string;
}

export interface BundleChoices {
  /** As `serverless.yml` calls it. */
  readonly functionName?: string;
  /** What labels are forwarded to: the adapter of no other is in the bundle. */
  readonly forward?: ForwardKind | 'none';
}

/**
 * Builds the bundle of one function as `serverless package` does: from the handler and the `custom.esbuild`
 * options that `serverless.yml` in `root` gives for it. It is built only where a file or an option has changed.
 * @throws Error if `serverless.yml` has no such function; BuildFailure, with esbuild's messages, if it does not build.
 */
export const buildBundle = async (
  root: string,
  outDir: string,
  { functionName = 'classifyStream', forward = 'none' }: BundleChoices = {},
): Promise<Bundle> => {
  const { custom, functions } = await readServerlessFile(root);
  const handler = functions[functionName]?.handler;
  if (handler === undefined) {
    const names = Object.keys(functions).join(', ');
    throw new Error(`serverless.yml in ${root} has no function ${functionName}; it has: ${names}.`);
  }
  const entry = handler.slice(0, handler.lastIndexOf('.'));
  const define = { 'process.env.BUNDLED_FORWARDER': JSON.stringify(forward) };
  return { folder: outDir, handler, file: await bundle(root, outDir, entry, { ...custom.esbuild, define }) };
};

/**
 * Builds the bundle of the image's program, with the same options. It can forward labels to anything, and loads the
 * client that it needs.
 *
 * @returns its file: `<outDir>/src/main.cjs`
 */
export const buildProgram = async (root: string, outDir: string): Promise<string> => {
  const { custom } = await readServerlessFile(root);
  return bundle(root, outDir, 'src/main', { ...custom.esbuild, define: {} });
};

/** @param entry its path without `.ts` */
const bundle = async (
  root: string,
  outDir: string,
  entry: string,
  given: ServerlessFile['custom']['esbuild'],
): Promise<string> => {
  const { outputFileExtension, exclude: _exclude, skipRebuild: _skipRebuild, ...options } = given;
  const file = join(outDir, `${entry}${outputFileExtension}`);
  const before = builtBefore(root, file, { entry, options });
  if (await before.isSame()) return file;
  await before.forget();
  const { metafile } = await build({
    ...options,
    absWorkingDir: root,
    entryPoints: [`${entry}.ts`],
    outdir: join(outDir, dirname(entry)),
    outExtension: { '.js': outputFileExtension },
    metafile: true,
    logLevel: 'silent',
  });
  await before.remember(Object.keys(metafile.inputs));
  return file;
};
