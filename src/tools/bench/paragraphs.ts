import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateParagraphs, type Paragraph } from '../ingest/input/messages.ts';

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
      readonly qas: readonly {
        readonly question: string;
        readonly answers: readonly { readonly text: string }[];
      }[];
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
    .map(({ context, qas }) => ({
      context,
      questions: qas.map(({ question }) => question),
      references: qas.map(({ answers }) => answers.map(({ text }) => text)),
    }));
};

/** As XQuAD has. */
const GENERATED = { count: 240, questions: 5 } as const;

/** XQuAD's paragraphs where they are found, else generated ones. */
export const benchParagraphs = (root: string): BenchParagraphs => {
  const paragraphs = xquadParagraphs(root);
  if (paragraphs !== undefined) return { source: 'XQuAD in English', paragraphs };
  return {
    source: 'generated messages, as XQuAD was not found',
    paragraphs: [...generateParagraphs({ seed: 7, ...GENERATED })],
  };
};
