import { open } from 'node:fs/promises';
import { InputError } from '../ingest/input/input-error.ts';
import { readUtf8 } from '../ingest/input/read-utf8.ts';
import { type RejectCounts, rejectTally } from '../ingest/verify/rejects.ts';
import { allFields, columnsOf, labelFields, reservedNames } from './fields.ts';
import type { Labeller } from './labeller.ts';
import { checkOutput, openOutput } from './output-file.ts';
import { kindOf, type Row, rowsOf } from './rows.ts';

export interface LabelFileOptions {
  readonly input: string;
  readonly output: string;
  readonly textColumn: string;
  /** Of the columns, instead of the model's own; for a single model. */
  readonly prefix?: string | undefined;
  /** Receives the progress: bytes of the input, and rows. */
  readonly onProgress: (progress: { readonly bytes: number; readonly rows: number }) => void;
}

/** The result of labelling a file. */
export interface LabelledFile {
  readonly rows: number;
  /** Rows that got no label of a model, by reason. */
  readonly errors: RejectCounts;
}

/** The limits of a chunk that is labelled at a time: rows, and characters of their texts. */
const CHUNK = { rows: 1_000, characters: 1_000_000 };

/**
 * Checks input and output, before models are loaded.
 *
 * @throws InputError where the input cannot be read, or the output is of another kind; UserError where it is the input
 */
export const checkFiles = async (input: string, output: string): Promise<void> => {
  const isOfOneKind = kindOf(input) === kindOf(output);
  const start = readUtf8(input);
  await start.next();
  await start.return(undefined);
  await checkOutput(output, input);
  if (isOfOneKind) return;
  throw new InputError(
    `is of another kind than ${input}; tables are written as tables, JSON lines as JSON lines`,
    {
      file: output,
    },
  );
};

/**
 * Writes a table (CSV) or JSON lines anew, row by row, with columns for the labels of their texts. Memory holds a
 * thousand rows. The output appears when it is complete.
 *
 * @throws InputError naming file, line and column where the input cannot be used; UserError where the output cannot
 */
export const labelFile = async (
  labeller: Labeller,
  { input, output, textColumn, prefix, onProgress }: LabelFileOptions,
): Promise<LabelledFile> => {
  await checkFiles(input, output);
  const prefixOf = (attribute: string): string => prefix ?? attribute;
  const prefixes = labeller.models.map(({ attribute }) => prefixOf(attribute));
  await using file = await openOutput(output);
  const errors = rejectTally();
  let bytes = 0;
  let rows = 0;

  const write = async (chunk: readonly Row[]): Promise<void> => {
    const labels = await labeller.label(chunk.map(({ text }) => text));
    const lines = chunk.map((row, index) => {
      const own = labels[index] ?? [];
      for (const label of own) if ('error' in label) errors.add(label.error.code);
      const fields = own.map((label) => labelFields(label, prefixOf(label.model.attribute)));
      return row.written(allFields(fields));
    });
    await file.write(lines.join(''));
    rows += chunk.length;
    onProgress({ bytes, rows });
  };

  const rowsOfFile = rowsOf(input, {
    textColumn,
    added: prefixes.flatMap((each) => columnsOf(each, labeller.lists)),
    reserved: prefixes.flatMap((attribute) => reservedNames({ attribute })),
    output,
    onRead: (more) => {
      bytes += more;
    },
  });
  // A byte order mark, for spreadsheets, is kept.
  if (await hasMark(input)) await file.write('\uFEFF');
  let chunk: Row[] = [];
  let characters = 0;
  for await (const row of rowsOfFile) {
    chunk.push(row);
    characters += typeof row.text === 'string' ? row.text.length : 0;
    if (chunk.length < CHUNK.rows && characters < CHUNK.characters) continue;
    await write(chunk);
    chunk = [];
    characters = 0;
  }
  if (chunk.length > 0) await write(chunk);
  if (rows === 0) throw new InputError('no records; give a file with at least one', { file: input });
  await file.finish();
  return { rows, errors: errors.counts() };
};

/** Whether a file begins with a byte order mark; an unreadable file is reported later, when it is read. */
const hasMark = async (path: string): Promise<boolean> => {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return false;
  try {
    const { buffer } = await file.read(Buffer.alloc(3), 0, 3, 0);
    return buffer.equals(Buffer.from('\uFEFF'));
  } catch {
    return false;
  } finally {
    await file.close();
  }
};
