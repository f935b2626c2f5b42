import { mkdir, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from './errors.ts';

/** How often a folder may be taken away before something is in it. */
const ATTEMPTS = 10;

/** Makes something in a folder, which is created first. Others delete folders that are empty, also in between. */
export const inFolder = async <Made>(folder: string, make: () => Promise<Made>): Promise<Made> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await mkdir(folder, { recursive: true });
      return await make();
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || attempt === ATTEMPTS) throw error;
    }
  }
};

/** Deletes a folder and those that it is in, as far as they are empty, below `top`. */
export const removeEmpty = async (folder: string, top: string): Promise<void> => {
  for (let path = folder; path.length > top.length; path = dirname(path)) {
    try {
      await rmdir(path);
    } catch {
      // Something is in it, or somebody else was first: both are fine.
      return;
    }
  }
};
