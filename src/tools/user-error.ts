/** What a person can mend: the message says what is wrong, where, and what to do. Commands print it without a stack. */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** Why nothing can be written, wherever it was to go, by the code of the error. */
const REFUSALS: Readonly<Record<string, string>> = {
  EACCES: 'permission to write is denied',
  EPERM: 'permission to write is denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
};

/** What is wrong with a path. */
const WRONG_PATHS: Readonly<Record<string, string>> = {
  ENOENT: 'the folder does not exist',
  ENOTDIR: 'something in its path is a file, not a folder',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links form a loop',
  ENAMETOOLONG: 'its name is too long',
};

const codeOf = (error: unknown): string =>
  (error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined) ?? '';

/** Why the file system would not write to a path that a person has chosen, in words; undefined for other errors. */
export const refusalOf = (error: unknown): string | undefined => {
  const code = codeOf(error);
  const refusal = REFUSALS[code] ?? WRONG_PATHS[code];
  return refusal && `${refusal} (${code})`;
};

/** Whether the file system would not write, whatever the path. */
export const isRefused = (error: unknown): boolean => Object.hasOwn(REFUSALS, codeOf(error));
