import { errorName, TransientError } from '../../../errors.ts';
import { ObjectError, type ObjectErrorCode } from '../../../pipeline/objects/object-store.ts';

/** What an error of the file system says about an object, and what to do. */
const CODES: Readonly<Record<string, readonly [ObjectErrorCode, string]>> = {
  ENOENT: ['not-found', 'is not there'],
  ENOTDIR: ['not-found', 'is not there: something in its path is a file, not a folder'],
  EISDIR: ['not-found', 'is a folder, not a file'],
  EACCES: ['access-denied', 'may not be used by this user: change its permissions'],
  EPERM: ['access-denied', 'may not be used by this user: change its permissions'],
  EROFS: ['access-denied', 'is on a file system that is read-only'],
  ENOSPC: ['no-space', 'cannot be written: the disk is full, make space on it'],
  EDQUOT: ['no-space', 'cannot be written: the disk quota is used up, make space'],
  EFBIG: ['no-space', 'cannot be written: the file system takes no file of this size'],
  ENAMETOOLONG: ['invalid-key', 'has a name that is too long for the file system'],
};

/** The same for writes: whatever is in the way makes the key one that cannot be. */
const CODES_OF_WRITES: typeof CODES = {
  ...CODES,
  ENOTDIR: ['invalid-key', 'cannot be written: something in its path is a file, not a folder'],
  EEXIST: ['invalid-key', 'cannot be written: something in its path is a file, not a folder'],
  EISDIR: ['invalid-key', 'cannot be written: it is a folder'],
};

export const errnoOf = (error: unknown): string | undefined => {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
};

const convert = (path: string, cause: unknown, codes: typeof CODES): Error => {
  if (cause instanceof ObjectError || cause instanceof TransientError) return cause;
  const errno = errnoOf(cause);
  const [code, text] = codes[errno ?? ''] ?? [];
  return code === undefined
    ? new TransientError(`${path} cannot be used: ${errno ?? errorName(cause)}`, { cause })
    : new ObjectError(code, `${path} ${text} (${errno})`, { cause });
};

/** Does something with the file system; errors are those of an object store. @param path for the messages */
export const reading = async <Answer>(path: string, work: () => Promise<Answer>): Promise<Answer> => {
  try {
    return await work();
  } catch (error) {
    throw convert(path, error, CODES);
  }
};

export const writing = async <Answer>(path: string, work: () => Promise<Answer>): Promise<Answer> => {
  try {
    return await work();
  } catch (error) {
    throw convert(path, error, CODES_OF_WRITES);
  }
};
