import { constants } from 'node:fs';
import { access, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { refusalOf, UserError } from '../user-error.ts';

/**
 * Makes `.build`, the folder of bundle, layers and caches, or checks that it can be written to.
 *
 * @param root the project's folder
 * @returns its path
 * @throws UserError where it cannot be made or written to
 */
export const openBuildFolder = async (root: string): Promise<string> => {
  const folder = join(root, '.build');
  try {
    // A recursive mkdir would report a missing folder where the file system is read-only.
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    // Existing folders may belong to another user.
    const inside = await readdir(folder, { withFileTypes: true });
    const folders = inside.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
    for (const each of [folder, ...folders]) await access(each, constants.W_OK);
  } catch (cause) {
    const refusal = refusalOf(cause);
    if (refusal === undefined) throw cause;
    const { path = folder } = cause as NodeJS.ErrnoException;
    throw new UserError(
      `${path} cannot be written: ${refusal}. What is built goes there: make it writable or remove it, or use a copy of this project in a folder of yours.`,
      { cause },
    );
  }
  return folder;
};
