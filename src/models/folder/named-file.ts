import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, posix, relative, sep } from 'node:path';
import { ModelError } from '../../errors.ts';

/** Who names a file, and relative to what. */
export interface NamedBy {
  /** The path of the file that names it, for errors. */
  readonly by: string;
  /** The folder that the name is relative to, itself relative to the model's. */
  readonly below?: string;
}

/**
 * A file that a model names, if it is inside the model's folder, by its name and by where links lead. Every path that
 * comes out of a model goes through here before anything is done with it: models may be anybody's. A link that stays
 * inside is as good as the file. Whether the file is there is not asked.
 *
 * @returns the path relative to the folder, with `/`
 * @throws ModelError that says who names which path, and what is wrong with it
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

/** What is wrong with a file's name, as part of a sentence; undefined where it can only be a file below a folder. */
export const nameFault = (name: string): string | undefined => {
  if (name === '') return 'is empty';
  if (name.includes('\0')) return 'has a NUL in it';
  if (name.includes('\\')) return 'has a backslash in it';
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) return 'is absolute';
  return name.split('/').includes('..') ? 'points outside its folder' : undefined;
};

/** Where links lead in the end; undefined where nothing is there. */
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
