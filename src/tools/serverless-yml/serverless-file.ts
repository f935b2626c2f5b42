import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { parse, YAMLParseError } from 'yaml';
import { UserError } from '../user-error.ts';

/** The content of `serverless.yml` and the files that it includes, with unresolved variables. */
export interface ServerlessFile {
  readonly service: string;
  readonly provider: { readonly region: string };
  /** The defaults, and what stages have instead. */
  readonly params: { readonly default: WrittenParameters } & Readonly<Record<string, WrittenParameters>>;
  readonly custom: {
    /** esbuild's options and, named here, those that only serverless-esbuild has. */
    readonly esbuild: Readonly<BuildOptions> & {
      readonly outputFileExtension: string;
      readonly exclude?: readonly string[];
      readonly skipRebuild?: boolean;
    };
  };
  readonly layers: {
    readonly models: { readonly name: string; readonly compatibleRuntimes: readonly string[] };
  };
  /** Everything that a stage may have with any parameters. */
  readonly functions: Readonly<Record<string, WrittenFunction>>;
  /** Everything that a stage may have with any parameters. */
  readonly resources: {
    readonly Resources: Readonly<
      Record<string, { readonly Properties?: Readonly<Record<string, unknown>> | undefined }>
    >;
  };
}

export type WrittenParameters = Readonly<Record<string, string | number>>;

export interface WrittenFunction {
  readonly name: string;
  /** `src/functions/classify-stream.handler` */
  readonly handler: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Reads `serverless.yml` and its includes. Resolving all of its variables would take the Serverless Framework
 * seconds (`loadService` does); for names, defaults and options of the build the files alone are enough.
 *
 * @param root the folder of `serverless.yml`
 * @throws UserError where a file is missing or not YAML, with the line
 */
export const readServerlessFile = async (root: string): Promise<ServerlessFile> => {
  const { functions, resources, ...rest } = (await readParts(root)).content as Readonly<
    Record<string, unknown>
  >;
  return { ...rest, functions: asMap(functions), resources: asMap(resources) } as unknown as ServerlessFile;
};

/** The texts of `serverless.yml` and of the files that it may include, by their paths below `root`. */
export const serverlessTexts = async (root: string): Promise<ReadonlyMap<string, string>> =>
  (await readParts(root)).texts;

const parsed = new Map<string, unknown>();

/** A command reads the file several times, for one thing each; parsing it takes as long as all the rest. */
const parsedOnce = (text: string): unknown => {
  if (!parsed.has(text)) parsed.set(text, parse(text));
  return parsed.get(text);
};

interface Parts {
  readonly content: unknown;
  readonly texts: ReadonlyMap<string, string>;
}

const readParts = async (root: string): Promise<Parts> => {
  const texts = new Map<string, string>();

  const readPart = async (path: string): Promise<unknown> => {
    try {
      const text = texts.get(path) ?? (await readFile(join(root, path), 'utf8'));
      texts.set(path, text);
      return parsedOnce(text);
    } catch (cause) {
      if (!(cause instanceof YAMLParseError) && (cause as NodeJS.ErrnoException).code !== 'ENOENT')
        throw cause;
      throw new UserError(`serverless.yml cannot be read:\n${path}: ${(cause as Error).message}`, { cause });
    }
  };

  const included = async (pattern: string, address?: string, fallback?: string): Promise<unknown> => {
    const mayLack = fallback !== undefined || pattern.includes('*');
    const paths = mayLack ? await matches(root, pattern) : [pattern];
    const parts = await Promise.all(
      paths.map(async (path) => follow(valueAt(await readPart(path), address))),
    );
    return parts.reduce(merge, undefined);
  };

  const follow = async (value: unknown): Promise<unknown> => {
    if (Array.isArray(value)) return Promise.all(value.map(follow));
    if (typeof value === 'string') {
      const [, pattern, address, fallback] = INCLUDE.exec(value.replaceAll(INNER_VARIABLE, '*')) ?? [];
      return pattern === undefined ? value : included(pattern, address, fallback);
    }
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(async ([key, inner]) => [key, await follow(inner)]);
    return Object.fromEntries(await Promise.all(entries));
  };

  return { content: await follow(await readPart('serverless.yml')), texts };
};

/** `${file(path)}`, `${file(path):address}`, each with an optional default value for a missing file. */
const INCLUDE = /^\$\{file\((?:\.\/)?([^()]+\.(?:ya?ml|json))\)(?::([\w.-]+))?(,.*)?\}$/;

/** In the path of an include: any value is possible. */
const INNER_VARIABLE = /\$\{[^(){}]+\}/g;

const matches = async (root: string, pattern: string): Promise<readonly string[]> => {
  const paths: string[] = [];
  for await (const path of glob(pattern, { cwd: root })) paths.push(path.replaceAll('\\', '/'));
  return paths.toSorted();
};

const valueAt = (value: unknown, address = ''): unknown =>
  address
    .split('.')
    .filter((key) => key !== '')
    .reduce<unknown>((inner, key) => (inner as Readonly<Record<string, unknown>> | null)?.[key], value);

/** One map, or parts of one; values of other variables are left out. */
const asMap = (written: unknown): unknown =>
  [written]
    .flat()
    .filter((part) => typeof part !== 'string')
    .reduce(merge, {});

/** As the framework merges parts of `functions` and `resources`. */
const merge = (one: unknown, other: unknown): unknown => {
  // A variable, of which it is not known what it adds.
  if (isMap(one) && typeof other === 'string') return one;
  if (!isMap(one) || !isMap(other)) return other ?? one;
  const entries = Object.entries(other).map(([key, value]) => [key, merge(one[key], value)]);
  return { ...one, ...Object.fromEntries(entries) };
};

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
