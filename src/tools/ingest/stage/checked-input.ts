import { createHash } from 'node:crypto';
import { InputError } from '../input/input-error.ts';
import { type Message, messages, type MessagesOptions, readMessages } from '../input/input.ts';

export interface StageInput extends Omit<MessagesOptions, 'records'> {
  /** How many messages; without it each record of the file once. */
  readonly records?: number | undefined;
}

/** An input that was read to its end without an error. */
export interface CheckedInput {
  readonly records: number;
  /** Bytes of a text, on average. */
  readonly textLength: number;
  /** Ten hexadecimal digits of the messages' sha256: the same messages in the same order have the same. */
  readonly digest: string;
  /** The messages from the first on, read anew each time. */
  read(): AsyncIterable<Message>;
}

/**
 * Reads the whole input, so that an error in its last line is reported before anything is written.
 *
 * @throws InputError naming file, line and column
 */
export const checkInput = async (input: StageInput): Promise<CheckedInput> => {
  const read = readerOf(input);
  const sha256 = createHash('sha256');
  let count = 0;
  let bytes = 0;
  for await (const { text, label = null } of read()) {
    sha256.update(JSON.stringify([text, label]));
    count += 1;
    bytes += Buffer.byteLength(text);
  }
  return { records: count, textLength: bytes / count, digest: sha256.digest('hex').slice(0, 10), read };
};

const readerOf = (options: StageInput): (() => AsyncIterable<Message>) => {
  const { input, records, ...rest } = options;
  if (records !== undefined) return () => messages({ ...options, records });
  if (input !== undefined) return () => readMessages(input, rest);
  throw new InputError('--stage needs --input FILE, or --records N for as many generated messages');
};
