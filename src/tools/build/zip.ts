import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import yazl from 'yazl';
import { listFiles } from './layer-files.ts';

/** A constant time that is valid in zip archives: the same content should always give the same bytes. */
const TIME = new Date(1980, 0, 2);

/** @returns a zip archive of all files below `folder`, by their paths in it, each with mode 0644 */
export const zipFolder = async (folder: string): Promise<Buffer> => {
  const zip = new yazl.ZipFile();
  for (const file of await listFiles(folder)) {
    zip.addFile(join(folder, file), file, { mtime: TIME, mode: 0o100644 });
  }
  zip.end();
  return buffer(zip.outputStream);
};
