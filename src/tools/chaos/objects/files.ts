import { gzipSync } from 'node:zlib';
import { must } from '../../../errors.ts';
import { READER } from '../histories/toy-models.ts';
import type { ObjectLine, ObjectScenario, Suffix } from './scenario.ts';

/** The key of an object: with what keys may have. */
export const keyOf = ({ suffixes }: ObjectScenario, name: number): string =>
  `in/${name} ü+${must(suffixes[name], 'kind of an object')}`;

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** The object that holds these lines. */
export const fileOf = (suffix: Suffix, lines: readonly ObjectLine[]): Buffer => {
  const [, kind, compressed] = suffix.split('.');
  const file = Buffer.from(plain(must(kind, 'kind of a file'), lines));
  return compressed === undefined ? file : gzipSync(file);
};

const FIELDS = ['text', 'question', 'context', 'model_type'] as const;

/** Questions name the model that answers them. */
const fieldsOf = (line: ObjectLine): Readonly<Partial<Record<(typeof FIELDS)[number], string>>> =>
  typeof line === 'string' ? { text: line } : { ...line, model_type: READER.id };

const plain = (kind: string, lines: readonly ObjectLine[]): string => {
  const records = lines.map(fieldsOf);
  if (kind === 'jsonl')
    return records.map((fields, index) => `${JSON.stringify({ id: `r${index}`, ...fields })}\n`).join('');
  if (kind === 'csv') {
    const rows = records.map((fields, row) =>
      [String(row), ...FIELDS.map((name) => quoted(fields[name] ?? ''))].join(','),
    );
    return [['id', ...FIELDS].join(','), ...rows].map((row) => `${row}\r\n`).join('');
  }
  return records.map(({ text, context = '' }) => `${(text ?? context).replaceAll('\n', ' ')}\n`).join('');
};
