import { must } from '../../../errors.ts';
import { csvFields } from './csv-fields.ts';
import { FaultError, type ReadObjectSettings, type Source } from './format.ts';
import { neededNames } from './json-record.ts';
import { missingTexts, severalTexts } from './needed-texts.ts';
import { rowSplitter } from './splitters.ts';
import { empty } from './text-object.ts';
import { unpacked } from './unpacked.ts';

/** The first row of a table, and its dialect. */
export interface CsvHeader {
  /** As it came, without its line break. */
  readonly text: string;
  readonly fields: readonly string[];
  readonly delimiter: string;
  readonly newline: '\n' | '\r\n';
  /** A byte order mark, or nothing. */
  readonly mark: string;
  /** Index and name of the columns that models need. */
  readonly needed: readonly (readonly [number, string])[];
}

/** Of equally good ones the first. */
const DELIMITERS = [',', ';', '\t', '|'];

/** A longer header is none. */
const MOST_BYTES = 256 * 1024;

/**
 * Reads the header of a table. The delimiter is the one with which it has the text columns.
 *
 * @param delimiter where it is known
 * @throws FaultError (`missing-column`, `empty`, `bad-gzip`)
 */
export const headerOf = async (
  source: Source,
  settings: ReadObjectSettings,
  delimiter?: string,
): Promise<CsvHeader> => {
  const { start, markBytes } = await startOf(source);
  if (start.length === 0) throw empty(source);
  const candidates = (delimiter === undefined ? DELIMITERS : [delimiter]).map((one) => firstRow(start, one));
  const found = candidates.find(({ fields }) => missingIn(fields, settings) === undefined);
  if (found === undefined) {
    const [widest] = candidates.toSorted((a, b) => b.fields.length - a.fields.length);
    const { fields } = must(widest, 'header');
    const several = severalTexts(settings.task, settings);
    throw new FaultError(
      'missing-column',
      `${source.head.key} has no column ${missingIn(fields, settings)} among its ${fields.length}; name the ${several === undefined ? 'column of the text' : `columns of ${several}`}`,
    );
  }
  const needed = neededNames(settings, [settings.task]).flatMap((name) => {
    const index = found.fields.indexOf(name);
    return index < 0 ? [] : [[index, name] as const];
  });
  return { ...found, mark: markBytes === 0 ? '' : '\uFEFF', needed };
};

const missingIn = (fields: readonly string[], settings: ReadObjectSettings): string | undefined =>
  missingTexts(settings.task, settings, ({ name }) => fields.includes(name));

/** The first bytes, with more than one record unless there is only one. */
const startOf = async (source: Source) => {
  const end = Math.min(MOST_BYTES, source.head.size);
  const { bytes, markBytes } = await unpacked(source.read({ start: 0, end }));
  const read: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of bytes) {
      read.push(part);
      length += part.length;
      if (length >= MOST_BYTES) break;
    }
  } catch (error) {
    // Compressed data is cut off here; a fault in it is found when it is read as a whole.
    if (!(error instanceof FaultError) || length === 0) throw error;
  }
  return { start: Buffer.concat(read), markBytes };
};

const firstRow = (start: Buffer, delimiter: string) => {
  const [end] = rowSplitter(delimiter).ends(start);
  const line = start.toString('utf8', 0, end === undefined ? start.length : end - 1);
  const newline = line.endsWith('\r') ? ('\r\n' as const) : ('\n' as const);
  const text = newline === '\n' ? line : line.slice(0, -1);
  return { text, fields: csvFields(text, delimiter), delimiter, newline };
};
