import { extname } from 'node:path';
import { InputError } from './input-error.ts';
import { generateMessages } from './messages.ts';
import { readCsv } from './read-csv.ts';
import { readJsonl } from './read-jsonl.ts';
import { must } from '../../../errors.ts';

/** A text and, where the input has one, the expected label. */
export interface Message {
  text: string;
  label?: string;
}

/** A message under a key of its own; keys sort in the order of the messages. */
export interface KeyedMessage extends Message {
  key: string;
}

export interface Columns {
  textColumn?: string | undefined;
  labelColumn?: string | undefined;
}

export interface MessagesOptions extends Columns {
  /** A .csv, .tsv, .jsonl or .ndjson file; without it messages are generated. */
  input?: string | undefined;
  /** How many messages to give. */
  records: number;
  /** Of the generated messages. */
  seed?: number | undefined;
}

/** An item is at most 400 KB; a part of it is left for its key and its label. */
const MAX_TEXT_BYTES = 399 * 1024;

const READERS = {
  '.csv': readCsv,
  '.tsv': (file: string, columns: readonly string[]) => readCsv(file, columns, { delimiter: '\t' }),
  '.jsonl': readJsonl,
  '.ndjson': readJsonl,
} as const;

const readerOf = (file: string) => {
  const extension = extname(file).toLowerCase();
  const reader = Object.entries(READERS).find(([known]) => known === extension)?.[1];
  if (reader !== undefined) return reader;
  const known = Object.keys(READERS).join(', ');
  const kind = extension === '' ? 'no file extension' : `unsupported file extension ${extension}`;
  throw new InputError(`${kind}; give one of ${known}`, { file });
};

/**
 * Streams the messages of a .csv, .tsv, .jsonl or .ndjson file (UTF-8). Nothing is trimmed and an empty text is a message
 * like any other; an empty or null label means that the message has none.
 *
 * @throws InputError naming file, line and column when the file or a record cannot be used, or there is no record.
 */
export async function* readMessages(
  file: string,
  { textColumn = 'text', labelColumn }: Columns = {},
): AsyncGenerator<Message> {
  const columns = labelColumn === undefined ? [textColumn] : [textColumn, labelColumn];
  let empty = true;
  for await (const { line, cells } of readerOf(file)(file, columns)) {
    const [cell, label] = cells.map((cell, index) => {
      if (typeof cell === 'string' || (index === 1 && cell === null)) return cell;
      const place = { file, line, column: must(columns[index], 'column of a cell') };
      throw new InputError('not a string; write the value in quotes or name another column', place);
    });
    const text = must(cell, 'text of a record');
    if (Buffer.byteLength(text) > MAX_TEXT_BYTES) {
      const place = { file, line, column: textColumn };
      throw new InputError('a longer text than an item holds (400 KB); shorten or split it', place);
    }
    empty = false;
    yield label ? { text, label } : { text };
  }
  if (empty) throw new InputError('no records; give a file with at least one', { file });
}

/** Reads the file again from its start each time it ends, so that memory does not grow with the file. */
async function* cycle(file: string, columns: Columns): AsyncGenerator<Message> {
  for (;;) yield* readMessages(file, columns);
}

/**
 * Exactly `records` messages under fresh keys, `m-00000001` onwards: from a file, cycled as often as needed, or
 * generated (distinct texts, no labels).
 *
 * @throws InputError when the file cannot be used, that many messages cannot be generated, or labels are required
 * without a file.
 */
export async function* messages(options: MessagesOptions): AsyncGenerator<KeyedMessage> {
  const { input, records, seed = 1, ...columns } = options;
  if (!Number.isSafeInteger(records) || records < 0) {
    throw new InputError(`records must be a whole number of at least 0, not ${records}`);
  }
  if (input === undefined && columns.labelColumn !== undefined) {
    throw new InputError('generated messages have no labels; give an input file with the label column');
  }
  if (records === 0) return;
  const width = Math.max(8, String(records).length);
  const keyed = (position: number, message: Message) => ({
    key: `m-${String(position).padStart(width, '0')}`,
    ...message,
  });
  let position = 0;
  if (input === undefined) {
    for (const text of generateMessages({ seed, count: records })) yield keyed(++position, { text });
    return;
  }
  for await (const message of cycle(input, columns)) {
    yield keyed(++position, message);
    if (position === records) return;
  }
}
