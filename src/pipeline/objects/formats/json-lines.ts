import { must } from '../../../errors.ts';
import type { LineError } from '../run.ts';
import type { Chunk, LineResult, ReadRecord } from './format.ts';

/** A record of JSON lines. */
export interface JsonLine {
  readonly record: ReadRecord;
  /** Its id as JSON. */
  readonly id: string;
  /** The object as it came, for the joined output; absent where it cannot be read. */
  readonly object?: string | undefined;
  /** The object has a field called `prediction`. */
  readonly isPredicted?: boolean;
}

export const faultyLine = (number: number, error: LineError): JsonLine => ({
  record: { error },
  id: String(number),
});

/**
 * Output as JSON lines: `{"recordId", … the answer, "model"}`, or `{"recordId", "error": {"code", "message"}}`. Joined,
 * it is the input's object with that in `prediction`, to the byte as it came otherwise.
 */
export const jsonChunk = (lines: readonly JsonLine[], join: boolean): Chunk => ({
  records: lines.map(({ record }) => record),
  write: (results) => {
    const written = join ? joined : plain;
    let text = '';
    for (const [index, line] of lines.entries())
      text += written(line, must(results[index], 'result of a line'));
    return Buffer.from(text);
  },
});

const plain = ({ id }: JsonLine, result: LineResult): string => `{"recordId":${id},${bodyOf(result)}\n`;

const joined = ({ id, object, isPredicted }: JsonLine, result: LineResult): string => {
  const prediction = `"prediction":{${bodyOf(result)}`;
  if (object === undefined) return `{"recordId":${id},${prediction}}\n`;
  if (isPredicted === true) {
    const { prediction: _, ...others } = JSON.parse(object) as Record<string, unknown>;
    return `${withField(JSON.stringify(others), prediction)}\n`;
  }
  return `${withField(object, prediction)}\n`;
};

/** The JSON of an object with a field more, at its end. */
const withField = (object: string, field: string): string => {
  const before = object.slice(0, object.lastIndexOf('}')).trimEnd();
  return `${before}${before.endsWith('{') ? '' : ','}${field}}`;
};

/** The fields of an object and its closing bracket. */
const bodyOf = (result: LineResult): string =>
  ('error' in result
    ? JSON.stringify({ error: { code: result.error.code, message: result.error.message } })
    : JSON.stringify({ ...result.fields, model: result.model })
  ).slice(1);
