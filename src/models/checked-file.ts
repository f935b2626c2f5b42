import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ModelError } from '../errors.ts';

/**
 * The content of a model's file, if it is what the manifest says.
 *
 * @param sha256 of the content, hexadecimal
 * @throws ModelError that names the file, what was expected and what to do
 */
export const checkedFile = (file: string, sha256: string): Buffer => {
  const content = read(file);
  const actual = hash('sha256', content, 'hex');
  if (actual === sha256) return content;
  const found = `found ${actual} (${content.length} bytes)`;
  throw new ModelError(
    `${file} is not the file of its manifest: expected sha256 ${sha256}, ${found}; restore it`,
  );
};

const read = (file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new ModelError(`${file} is missing or cannot be read, though the manifest names it; restore it`, {
      cause,
    });
  }
};
