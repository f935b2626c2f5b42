import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, posix, relative, sep } from 'node:path';
import { ModelError } from '../../errors.ts';

/** The file that contains a name, and the folder that the name is relative to. */
export interface NamedBy {
  /** The path of the file that names it, for errors. */
  readonly by: string;
  /** The folder that the name is relative to, itself relative to the model's. */
  readonly below?: string;
}

/**
 * A file that a model names, if it is inside the model's folder, by its name and after following symbolic links. Every
 * path from a model is checked here before it is used: models may come from untrusted sources. Links within the folder
 * are allowed. The file need not exist.
 *
 * @returns the path relative to the folder, with `/`
 * @throws ModelError with the path, the file that contains it and the reason
 */
export const namedFile = (folder: string, name: string, { by, below = '.' }: NamedBy): string => {
  const refuse = (fault: string): ModelError =>
    new ModelError(
      `${by} names the file ${JSON.stringify(name.slice(0, 256))}, ${fault}; put the file into ${folder} and name it from there`,
    );
  const fault = nameFault(name);
  if (fault !== undefined) throw refuse(`which ${fault}`);
  const path = posix.join(below, name);
  const real = realPath(join(folder, path), refuse);
  if (real === undefined) return path;
  if (!isInside(realpathSync(folder), real))
    throw refuse('a link that points outside the folder of the model');
  if (!statSync(real).isFile()) throw refuse('which is no regular file');
  return path;
};

/** The fault of a file's name, as part of a sentence; undefined where it can only be a file below a folder. */
export const nameFault = (name: string): string | undefined => {
  if (name === '') return 'is empty';
  if (name.includes('\0')) return 'has a NUL in it';
  if (name.includes('\\')) return 'has a backslash in it';
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) return 'is absolute';
  return name.split('/').includes('..') ? 'points outside its folder' : undefined;
};

/** The target of a path after following all links; undefined where it does not exist. */
const realPath = (path: string, refuse: (fault: string) => ModelError): string | undefined => {
  try {
    return realpathSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new ModelError(refuse(`which cannot be accessed (${code})`).message, { cause });
  }
};

const isInside = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};
