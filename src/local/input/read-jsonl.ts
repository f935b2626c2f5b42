import { InputError } from './input-error.ts';
import type { Row } from './read-csv.ts';
import { readUtf8 } from './read-utf8.ts';

/** Only \n ends a line: node:readline would also break at U+2028, which JSON allows inside strings. */
async function* readLines(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of readUtf8(file)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

const parseObject = (file: string, line: number, source: string): object => {
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
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new InputError('not a JSON object; write one object on each line', { file, line });
};

/**
 * Streams the named top-level fields of a file with one JSON object a line (JSON Lines). Blank lines are passed over.
 *
 * @throws InputError naming file, line and column.
 */
export async function* readJsonl(file: string, columns: readonly string[]): AsyncGenerator<Row> {
  let line = 0;
  for await (const source of readLines(file)) {
    line += 1;
    if (source.trim() === '') continue;
    const fields = new Map<string, unknown>(Object.entries(parseObject(file, line, source)));
    for (const column of columns) {
      if (fields.has(column)) continue;
      const names = [...fields.keys()].map((name) => JSON.stringify(name)).join(', ');
      throw new InputError(`no such field; name one of ${names}`, { file, line, column });
    }
    yield { line, cells: columns.map((column) => fields.get(column)) };
  }
}
