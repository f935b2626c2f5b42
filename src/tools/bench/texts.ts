import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { generateMessages } from '../ingest/input/messages.ts';

export interface BenchTexts {
  /** Where they come from, for the report. */
  readonly source: string;
  readonly messages: readonly string[];
}

export interface LabelledTexts {
  readonly texts: readonly string[];
  readonly labels: readonly string[];
}

const SEED = 7;

/**
 * Where a file of Banking77 is, the data that the shipped models were trained on: in the folder that the environment
 * variable BANKING77 names, or else in `../shared/data/banking77`.
 *
 * @param root the project's folder
 * @param file `train.csv` or `test.csv`
 */
export const banking77File = (root: string, file: string): string =>
  join(process.env.BANKING77 ?? join(root, '..', 'shared', 'data', 'banking77'), file);

const banking77 = (root: string, file: string): readonly Readonly<Record<string, string>>[] | undefined => {
  const path = banking77File(root, file);
  return existsSync(path) ? parse(readFileSync(path), { columns: true }) : undefined;
};

/** Banking77's test messages where they are found, else as many generated ones. */
export const benchTexts = (root: string): BenchTexts => {
  const rows = banking77(root, 'test.csv');
  if (rows !== undefined)
    return { source: "Banking77's test messages", messages: rows.map(({ text = '' }) => text) };
  const messages = [...generateMessages({ seed: SEED, count: 3_080 })];
  return { source: 'generated messages, as Banking77 was not found', messages };
};

/** Banking77's training messages with their labels; undefined where they are not found. */
export const trainingTexts = (root: string): LabelledTexts | undefined => labelledTexts(root, 'train.csv');

/** Its test messages likewise. */
export const testTexts = (root: string): LabelledTexts | undefined => labelledTexts(root, 'test.csv');

const labelledTexts = (root: string, file: string): LabelledTexts | undefined => {
  const rows = banking77(root, file);
  return (
    rows && { texts: rows.map(({ text = '' }) => text), labels: rows.map(({ category = '' }) => category) }
  );
};

/** `count` of them spread evenly over all, in their order. */
export const sample = <Item>(all: readonly Item[], count: number): readonly Item[] => {
  const taken = Math.min(count, all.length);
  return Array.from({ length: taken }, (_, index) => all[Math.floor((index * all.length) / taken)] as Item);
};

/** The same texts with every tenth ten times as long. */
export const mixedLengths = (texts: readonly string[]): readonly string[] =>
  texts.map((text, index) => (index % 10 === 0 ? Array(10).fill(text).join(' ') : text));
