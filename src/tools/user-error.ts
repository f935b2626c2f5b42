/** An error that the user can fix: the message has the fault, the place and what to do. Printed without a stack. */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** Reasons why a write fails at any path, by the code of the error. */
const REFUSALS: Readonly<Record<string, string>> = {
  EACCES: 'permission to write is denied',
  EPERM: 'permission to write is denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
};

/** Reasons why a path is wrong. */
const WRONG_PATHS: Readonly<Record<string, string>> = {
  ENOENT: 'the folder does not exist',
  ENOTDIR: 'something in its path is a file, not a folder',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links form a loop',
  ENAMETOOLONG: 'its name is too long',
};

const codeOf = (error: unknown): string =>
  (error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined) ?? '';

/** The reason why a write to a path that the user has chosen failed, in words; undefined for other errors. */
export const refusalOf = (error: unknown): string | undefined => {
  const code = codeOf(error);
  const refusal = REFUSALS[code] ?? WRONG_PATHS[code];
  return refusal && `${refusal} (${code})`;
};

/** Whether a write fails for a reason that is independent of the path. */
export const isRefused = (error: unknown): boolean => Object.hasOwn(REFUSALS, codeOf(error));
