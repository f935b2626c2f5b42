import { gzipSync } from 'node:zlib';
import { must } from '../../../errors.ts';
import type { ObjectScenario, Suffix } from './scenario.ts';

/** The key of an object: with what keys may have. */
export const keyOf = ({ suffixes }: ObjectScenario, name: number): string =>
  `in/${name} ü+${must(suffixes[name], 'kind of an object')}`;

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** The object that holds these texts. */
export const fileOf = (suffix: Suffix, texts: readonly string[]): Buffer => {
  const [, kind, compressed] = suffix.split('.');
  const file = Buffer.from(plain(must(kind, 'kind of a file'), texts));
  return compressed === undefined ? file : gzipSync(file);
};

const plain = (kind: string, texts: readonly string[]): string => {
  if (kind === 'jsonl')
    return texts.map((text, index) => `${JSON.stringify({ id: `r${index}`, text })}\n`).join('');
  if (kind === 'csv') return `id,text\n${texts.map((text, row) => `${row},${quoted(text)}\r\n`).join('')}`;
  return texts.map((text) => `${text.replaceAll('\n', ' ')}\n`).join('');
};
