import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteRange, ObjectUpload, ObjectVersion } from '../../../pipeline/objects/object-store.ts';
import { writing } from './errors.ts';
import { type Folders, pathOf } from './paths.ts';
import { CHUNK_BYTES, checkFileVersion, readFileVersion } from './read.ts';
import type { Unfinished } from './unfinished.ts';
import { writeWhole } from './write.ts';

/** A part that is written, or one that is read where it is when the object is made of its parts. */
type Part =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'copy'; readonly source: ObjectVersion; readonly range: ByteRange | undefined };

/** Begins a file of several parts, which lie beside its place until it is complete. */
export const startFileUpload = async (
  folders: Folders,
  path: string,
  unfinished: Unfinished,
): Promise<ObjectUpload> => {
  const { path: place } = await writing(path, () => unfinished.make((free) => mkdir(free)));
  const parts = new Map<number, Part>();
  const abort = () => writing(path, () => unfinished.remove(place));

  async function* bytes(): AsyncGenerator<Uint8Array> {
    // One for all: each chunk is written before the next is read.
    const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    for (const [, part] of [...parts].toSorted(([one], [other]) => one - other)) {
      if (part.kind === 'file') yield* readWhole(part.path, buffer);
      else yield* readFileVersion(pathOf(folders, part.source), part.source, part.range, buffer);
    }
  }

  return {
    part: async (number, body) => {
      const file = join(place, String(number));
      await writing(path, () => writeFile(file, body));
      parts.set(number, { kind: 'file', path: file });
    },
    copy: async (number, source, range) => {
      // Whether this version is there has to be known now, as it is with S3.
      await checkFileVersion(pathOf(folders, source), source);
      parts.set(number, { kind: 'copy', source, range });
    },
    complete: async ({ ifAbsent = false } = {}) => {
      const result = await writeWhole(path, unfinished, bytes(), ifAbsent);
      await abort();
      return result;
    },
    abort,
  };
};

async function* readWhole(path: string, buffer: Buffer): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
