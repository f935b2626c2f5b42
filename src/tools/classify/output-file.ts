import { rmSync } from 'node:fs';
import { open, realpath, rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { refusalOf, UserError } from '../user-error.ts';

/** A file that is written next to its path and renamed to it when it is complete. */
export interface OutputFile {
  write(text: string): Promise<void>;
  /** Renames the file to its path. */
  finish(): Promise<void>;
  /** Deletes an unfinished file. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** @throws UserError where the output is the input, by any path */
export const checkOutput = async (file: string, input: string): Promise<void> => {
  if (await isSame(file, input))
    throw new UserError(`--output ${file} is the input: name another file, so that nothing is lost.`);
};

/** Opens a file for writing. @throws UserError where it cannot be written */
export const openOutput = async (file: string): Promise<OutputFile> => {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.partial`);
  const removed = (): void => rmSync(temporary, { force: true });
  try {
    if ((await statOf(file))?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    const handle = await open(temporary, 'w');
    // In whichever way the process ends.
    process.once('exit', removed);
    return {
      write: async (text) => {
        await handle.writeFile(text);
      },
      finish: async () => {
        await handle.sync();
        await handle.close();
        await rename(temporary, file);
      },
      [Symbol.asyncDispose]: async () => {
        await handle.close().catch(() => undefined);
        removed();
        process.removeListener('exit', removed);
      },
    };
  } catch (cause) {
    const refusal = refusalOf(cause);
    if (refusal === undefined) throw cause;
    throw new UserError(`--output ${file} cannot be written: ${refusal}.`, { cause });
  }
};

const statOf = (file: string) => stat(file).catch(() => undefined);

/** Whether two paths are of the same file, also through links. */
const isSame = async (one: string, other: string): Promise<boolean> => {
  const [a, b] = [await statOf(one), await statOf(other)];
  if (a === undefined || b === undefined) return false;
  return (a.dev === b.dev && a.ino === b.ino) || (await realpath(one)) === (await realpath(other));
};
