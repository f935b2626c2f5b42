import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateMessages } from '../ingest/input/messages.ts';

/** A context, and questions about it. */
export interface Paragraph {
  readonly context: string;
  readonly questions: readonly string[];
}

export interface BenchParagraphs {
  /** Where they come from, for the report. */
  readonly source: string;
  readonly paragraphs: readonly Paragraph[];
}

/** The layout of SQuAD 1.1. */
interface Squad {
  readonly data: readonly {
    readonly paragraphs: readonly {
      readonly context: string;
      readonly qas: readonly { readonly question: string }[];
    }[];
  }[];
}

/**
 * Where XQuAD in English is, data that took no part in the training of any model: `xquad.en.json` in the folder that the
 * environment variable XQUAD names, or else in `../shared/data/xquad`.
 *
 * @param root the project's folder
 */
export const xquadFile = (root: string): string =>
  join(process.env.XQUAD ?? join(root, '..', 'shared', 'data', 'xquad'), 'xquad.en.json');

/** The paragraphs of XQuAD; undefined where they are not found. */
export const xquadParagraphs = (root: string): readonly Paragraph[] | undefined => {
  const file = xquadFile(root);
  if (!existsSync(file)) return undefined;
  const { data } = JSON.parse(readFileSync(file, 'utf8')) as Squad;
  return data
    .flatMap(({ paragraphs }) => paragraphs)
    .map(({ context, qas }) => ({ context, questions: qas.map(({ question }) => question) }));
};

/** Of the size of XQuAD's. */
const GENERATED = { paragraphs: 240, questions: 5, sentences: 10 } as const;

/** XQuAD's paragraphs where they are found, else generated ones. */
export const benchParagraphs = (root: string): BenchParagraphs => {
  const paragraphs = xquadParagraphs(root);
  if (paragraphs !== undefined) return { source: 'XQuAD in English', paragraphs };
  return { source: 'generated messages, as XQuAD was not found', paragraphs: generated() };
};

const generated = (): readonly Paragraph[] => {
  const { sentences, questions } = GENERATED;
  const messages = [...generateMessages({ seed: 7, count: GENERATED.paragraphs * (sentences + questions) })];
  return Array.from({ length: GENERATED.paragraphs }, (_, index) => {
    const own = messages.slice(index * (sentences + questions), (index + 1) * (sentences + questions));
    return { context: own.slice(0, sentences).join(' '), questions: own.slice(sentences) };
  });
};
