import { open } from 'node:fs/promises';
import type { ByteRange, ObjectVersion } from '../../../pipeline/objects/object-store.ts';
import { reading } from './errors.ts';
import { checkVersion } from './version.ts';

/** @throws ObjectError where the file is missing, or not this version */
export const checkFileVersion = (path: string, object: ObjectVersion): Promise<number> =>
  reading(path, async () => {
    const file = await open(path);
    return checkVersion(file, object, path).finally(() => file.close());
  });

export const CHUNK_BYTES = 256 * 1024;

/**
 * The bytes of a file, as long as it is this version. A file that another has taken the place of is read to its end.
 *
 * @param buffer for every chunk, where a chunk is done with before the next is asked for; a new one each, unless given
 */
export async function* readFileVersion(
  path: string,
  object: ObjectVersion,
  { start, end }: ByteRange = { start: 0, end: Number.POSITIVE_INFINITY },
  buffer?: Buffer,
): AsyncGenerator<Uint8Array> {
  if (start >= end) return;
  const file = await reading(path, () => open(path));
  try {
    const size = await reading(path, () => checkVersion(file, object, path));
    const last = Math.min(end, size);
    for (let position = start; position < last;) {
      const chunk = await reading(path, async () => {
        const length = Math.min(CHUNK_BYTES, last - position);
        const into = buffer ?? Buffer.allocUnsafeSlow(length);
        const { bytesRead } = await file.read(into, 0, length, position);
        await checkVersion(file, object, path);
        return into.subarray(0, bytesRead);
      });
      if (chunk.length === 0) return;
      position += chunk.length;
      yield chunk;
    }
  } finally {
    await file.close();
  }
}
