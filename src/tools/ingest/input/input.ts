import { extname } from 'node:path';
import { InputError } from './input-error.ts';
import { generateMessages, generateParagraphs } from './messages.ts';
import { readCsv } from './read-csv.ts';
import { readJsonl } from './read-jsonl.ts';
import { must } from '../../../errors.ts';

/** A text and, where the input has one, the expected label; or a context and a question about it. */
export interface Message {
  /** To classify; of a question, its context. */
  text: string;
  question?: string;
  label?: string;
}

/** A message under a key of its own; keys sort in the order of the messages. */
export interface KeyedMessage extends Message {
  key: string;
}

/** A text whose label is known. */
export type LabelledMessage = Required<Pick<Message, 'text' | 'label'>>;

export interface Columns {
  textColumn?: string | undefined;
  labelColumn?: string | undefined;
  /** Where questions and their contexts are, which are read in place of texts. */
  questions?: { readonly question: string; readonly context: string } | undefined;
}

export interface MessagesOptions extends Columns {
  /** A .csv, .tsv, .jsonl or .ndjson file; without it messages are generated. */
  input?: string | undefined;
  /** How many messages to give. */
  records: number;
  /** Of the generated messages. */
  seed?: number | undefined;
}

/** An item is at most 400 KB; a part of it is left for its key and its label. Of a question's context, too. */
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
  { textColumn: plain = 'text', labelColumn, questions }: Columns = {},
): AsyncGenerator<Message> {
  const textColumn = questions?.context ?? plain;
  const other = questions?.question ?? labelColumn;
  const columns = other === undefined ? [textColumn] : [textColumn, other];
  let empty = true;
  for await (const { line, cells } of readerOf(file)(file, columns)) {
    const [cell, second] = cells.map((cell, index) => {
      if (typeof cell === 'string' || (index === 1 && cell === null && questions === undefined)) return cell;
      const place = { file, line, column: must(columns[index], 'column of a cell') };
      throw new InputError('not a string; write the value in quotes or name another column', place);
    });
    const text = must(cell, 'text of a record');
    const question = questions === undefined ? undefined : must(second, 'question of a record');
    if (Buffer.byteLength(text) + Buffer.byteLength(question ?? '') > MAX_TEXT_BYTES) {
      const place = { file, line, column: textColumn };
      throw new InputError('a longer text than an item holds (400 KB); shorten or split it', place);
    }
    empty = false;
    if (question !== undefined) yield { text, question };
    else yield second ? { text, label: second } : { text };
  }
  if (empty) throw new InputError('no records; give a file with at least one', { file });
}

/** All messages of a file, as `readMessages` gives them. */
export const readAllMessages = async (file: string, columns: Columns = {}): Promise<readonly Message[]> => {
  const messages: Message[] = [];
  for await (const message of readMessages(file, columns)) messages.push(message);
  return messages;
};

/** Reads the file again from its start each time it ends, so that memory does not grow with the file. */
async function* cycle(file: string, columns: Columns): AsyncGenerator<Message> {
  for (;;) yield* readMessages(file, columns);
}

function* texts(seed: number, count: number): Generator<Message> {
  for (const text of generateMessages({ seed, count })) yield { text };
}

const QUESTIONS = 5;

function* questionsAbout(seed: number, count: number): Generator<Message> {
  let left = count;
  const paragraphs = generateParagraphs({ seed, count: Math.ceil(count / QUESTIONS), questions: QUESTIONS });
  for (const { context, questions } of paragraphs) {
    for (const question of questions.slice(0, left)) yield { text: context, question };
    left -= QUESTIONS;
  }
}

/**
 * Exactly `records` messages under fresh keys, `m-00000001` onwards: from a file, cycled as often as needed, or
 * generated (distinct texts, no labels; or questions, five about each context).
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
    const generated = columns.questions === undefined ? texts(seed, records) : questionsAbout(seed, records);
    for (const message of generated) yield keyed(++position, message);
    return;
  }
  for await (const message of cycle(input, columns)) {
    yield keyed(++position, message);
    if (position === records) return;
  }
}
