import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { ModelError } from '../../errors.ts';
import { hasManifest, MANIFEST_FILE } from '../folder/folder-format.ts';
import { namedFile } from '../folder/named-file.ts';
import { tasks } from '../../tasks/tasks.ts';
import type { Format } from './format.ts';
import { formats, type Manifest } from './formats.ts';

const [first, ...others] = formats.map(({ schema }) => schema);

const manifestSchema = z.discriminatedUnion('format', [first as NonNullable<typeof first>, ...others]);

/**
 * Reads and checks `<folder>/model.json`, which is optional for a `transformer`.
 *
 * @throws ModelError that names the file and lists every fault in it
 */
export const readManifest = (folder: string): Manifest => {
  const file = join(folder, namedFile(folder, MANIFEST_FILE, { by: folder }));
  const path = resolve(folder);
  const content = hasManifest(folder) ? readJson(file) : {};
  const format = formatIn(folder, content);
  const known = { name: basename(dirname(path)), version: basename(path), format };
  if (!isObject(content)) return checkedManifest(file, content);
  const ofFormat: Format | undefined = formats.find(({ name }) => name === format);
  const task = 'task' in content ? content.task : ofFormat?.taskIn?.(folder);
  const attribute = tasks.find(({ name }) => name === task)?.prefix;
  return checkedManifest(file, {
    ...known,
    ...(task !== undefined && { task }),
    ...(attribute !== undefined && { attribute }),
    ...content,
  });
};

/**
 * Checks the content of a `model.json` that is complete.
 *
 * @param file for errors
 * @throws ModelError that names the file and lists every fault in it
 */
export const checkedManifest = (file: string, content: unknown): Manifest => {
  const parsed = manifestSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`,
  );
  throw new ModelError(`${file} is not a model manifest: ${faults.join('; ')}`);
};

/** The format that a manifest names, or else the one that it or the folder looks like; undefined if there is none. */
const formatIn = (folder: string, content: unknown): unknown => {
  if (typeof content !== 'object' || content === null) return undefined;
  return 'format' in content
    ? content.format
    : formats.find(({ looksLike }) => looksLike(folder, content))?.name;
};

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ModelError(
      `${file} could not be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
};
