import type { Readable } from 'node:stream';

/** The most characters kept while a line's end is awaited: CloudWatch cuts log events at this size, too. */
const MAX_LINE = 256 * 1024;

/** Calls `onLine` with each line of a stream, without its end; a longer line than 256 K characters comes in pieces. */
export const forEachLine = (stream: Readable, onLine: (line: string) => void): void => {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    if (rest.length >= MAX_LINE) {
      onLine(rest);
      rest = '';
    }
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
};
