import { InputError } from './input-error.ts';
import { readUtf8, type ReadOptions } from './read-utf8.ts';

/** A line with a JSON object. */
export interface JsonlRecord {
  /** From 1. */
  readonly line: number;
  /** The line as it is written. */
  readonly source: string;
  readonly object: Readonly<Record<string, unknown>>;
}

/** Only \n ends a line: node:readline would also break at U+2028, which JSON allows inside strings. */
async function* readLines(file: string, options: ReadOptions): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of readUtf8(file, options)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

const parseObject = (file: string, line: number, source: string): JsonlRecord['object'] => {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (cause) {
    throw new InputError(
      'broken JSON; write one complete JSON object on each line',
      { file, line },
      { cause },
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as JsonlRecord['object'];
  throw new InputError('not a JSON object; write one object on each line', { file, line });
};

/**
 * Streams the objects of a file with one JSON object a line (JSON Lines). Blank lines are skipped.
 *
 * @throws InputError naming file and line
 */
export async function* jsonlRecords(file: string, options: ReadOptions = {}): AsyncGenerator<JsonlRecord> {
  let line = 0;
  for await (const source of readLines(file, options)) {
    line += 1;
    if (source.trim() !== '') yield { line, source, object: parseObject(file, line, source) };
  }
}
