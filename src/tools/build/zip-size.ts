import { open } from 'node:fs/promises';
import { readZipDirectory } from './zip-directory.ts';

/**
 * @param path a .zip file below 4 GB
 * @returns the bytes its files have when unzipped, from the archive's directory (nothing is unpacked).
 * @throws Error if the file is no zip archive.
 */
export const unzippedBytes = async (path: string): Promise<number> => {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const entries = await readZipDirectory(size, async (from, to) => {
      const { buffer } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
      return buffer;
    });
    return entries.reduce((total, { bytes }) => total + bytes, 0);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${path} cannot be used, ${reason}: remove it and package again.`, { cause });
  } finally {
    await file.close();
  }
};
