import { createHash, hash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { ModelError } from '../../errors.ts';

const CHUNK_BYTES = 2 ** 20;

/**
 * The content of a model's file, checked against the digest in the manifest.
 *
 * @param sha256 of the content, hexadecimal; not checked where the manifest has none
 * @throws ModelError that names the file, what was expected and what to do
 */
export const checkedFile = (file: string, sha256?: string): Buffer => {
  const content = readable(file, () => readFileSync(file));
  if (sha256 !== undefined) requireDigest(file, sha256, hash('sha256', content, 'hex'), content.length);
  return content;
};

/** Like `checkedFile`, for a file that other code reads: only a part of it is in memory at a time. */
export const checkFile = (file: string, sha256?: string): void => {
  if (sha256 === undefined) return;
  const digest = createHash('sha256');
  const bytes = readable(file, () => readInChunks(file, (chunk) => digest.update(chunk)));
  requireDigest(file, sha256, digest.digest('hex'), bytes);
};

const readInChunks = (file: string, take: (chunk: Buffer) => void): number => {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const descriptor = openSync(file, 'r');
  try {
    let bytes = 0;
    for (let read = 1; read > 0; bytes += read) {
      read = readSync(descriptor, chunk);
      take(chunk.subarray(0, read));
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
};

const requireDigest = (file: string, expected: string, actual: string, bytes: number): void => {
  if (actual === expected) return;
  throw new ModelError(
    `${file} is not the file of its manifest: expected sha256 ${expected}, found ${actual} (${bytes} bytes); restore it`,
  );
};

const readable = <Result>(file: string, read: () => Result): Result => {
  try {
    return read();
  } catch (cause) {
    throw new ModelError(`${file} is missing or cannot be read, though the model needs it; restore it`, {
      cause,
    });
  }
};
