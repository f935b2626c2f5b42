import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { parse } from 'yaml';

export interface Bundle {
  /** What `/var/task` is on Lambda. */
  readonly folder: string;
  /** The function's handler, relative to the folder: `src/functions/classify-stream.handler`. */
  readonly handler: string;
  /** The bundle itself. */
  readonly file: string;
}

interface ServerlessFile {
  readonly custom: {
    /** esbuild's options and, named here, those that only serverless-esbuild has. */
    readonly esbuild: BuildOptions & {
      outputFileExtension: string;
      exclude?: string[];
      skipRebuild?: boolean;
    };
    readonly labelstream: { readonly fanOuts: { readonly function: { readonly functions: Functions } } };
  };
  /** Parts of one map, of which a string stands for what a variable leads to. */
  readonly functions: readonly (Functions | string)[];
}

type Functions = Readonly<Record<string, { readonly handler: string }>>;

/**
 * Builds the bundle of one function as `serverless package` does: from the handler and the `custom.esbuild`
 * options that `serverless.yml` in `root` gives for it.
 * @throws Error if `serverless.yml` has no such function; BuildFailure, with esbuild's messages, if it does not build.
 */
export const buildBundle = async (
  root: string,
  outDir: string,
  { functionName = 'classifyStream' }: { functionName?: string } = {},
): Promise<Bundle> => {
  const file = join(root, 'serverless.yml');
  const { custom, functions: parts }: ServerlessFile = parse(await readFile(file, 'utf8'));
  const { fanOuts } = custom.labelstream;
  const functions: Functions = Object.assign(
    {},
    ...parts.filter((part) => typeof part !== 'string'),
    fanOuts.function.functions,
  );
  const handler = functions[functionName]?.handler;
  if (handler === undefined) {
    throw new Error(`${file} has no function ${functionName}; it has: ${Object.keys(functions).join(', ')}.`);
  }
  const { outputFileExtension, exclude: _exclude, skipRebuild: _skipRebuild, ...options } = custom.esbuild;
  const entry = handler.slice(0, handler.lastIndexOf('.'));
  await build({
    ...options,
    absWorkingDir: root,
    entryPoints: [`${entry}.ts`],
    outdir: join(outDir, dirname(entry)),
    outExtension: { '.js': outputFileExtension },
    logLevel: 'silent',
  });
  return { folder: outDir, handler, file: join(outDir, `${entry}${outputFileExtension}`) };
};
