import { basename } from 'node:path';
import { type Columns, readMessages } from './input.ts';

/** The part of a file that an ingest uses. */
export interface Taken {
  readonly file: string;
  /** Messages to ingest. */
  readonly records: number;
  /** The used messages of the file: all, or the first ones. */
  readonly messages: number;
  /** Whether the file has no more than these. */
  readonly isWhole: boolean;
}

/** The findings about a file. */
export interface Survey {
  readonly taken: Taken;
  /** Bytes of a text, or of a question and its context, on average. */
  readonly textLength: number;
  /** The first labels of the messages that are taken, as far as they have any. */
  readonly labels: readonly string[];
}

export interface SurveyOptions extends Columns {
  readonly input: string;
  /** How many messages to take; as many as the file has unless given. */
  readonly records?: number | undefined;
}

/** The number of labels that are checked. */
const LABELS = 100;

/**
 * Reads the part of a file that an ingest uses, so that a fault in it is reported before anything is started.
 *
 * @throws InputError naming file, line and column
 */
export const surveyInput = async ({ input, records, ...columns }: SurveyOptions): Promise<Survey> => {
  const labels: string[] = [];
  let messages = 0;
  let bytes = 0;
  let isWhole = true;
  for await (const { text, question = '', label } of readMessages(input, columns)) {
    if (messages === records) {
      isWhole = false;
      break;
    }
    messages += 1;
    bytes += Buffer.byteLength(text) + Buffer.byteLength(question);
    if (label !== undefined && labels.length < LABELS) labels.push(label);
  }
  const taken = { file: input, records: records ?? messages, messages, isWhole };
  return { taken, textLength: bytes / messages, labels };
};

const count = new Intl.NumberFormat('en-US');

/** The used part of a file, in words. */
export const takenText = ({ file, records, messages, isWhole }: Taken): string => {
  const all = `${count.format(messages)} message${messages === 1 ? '' : 's'}`;
  if (!isWhole) return `${basename(file)}: the first ${all}`;
  const how = records > messages ? 'read again from the start until there are enough' : 'each once';
  return `${basename(file)}: ${all}, ${how}`;
};
