import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Columns, readMessages } from '../../src/tools/ingest/input/input.ts';

/** A folder of the test file's own, removed when its tests are done. */
export const folder = mkdtempSync(join(tmpdir(), 'input-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;

/** Writes a new file and gives its path. */
export const fileOf = (content: string | Uint8Array, extension = 'csv'): string => {
  files += 1;
  const file = join(folder, `${files}.${extension}`);
  writeFileSync(file, content);
  return file;
};

export const collect = async <Item>(source: AsyncIterable<Item>): Promise<Item[]> => {
  const items: Item[] = [];
  for await (const item of source) items.push(item);
  return items;
};

export const read = (file: string, columns?: Columns) => collect(readMessages(file, columns));
