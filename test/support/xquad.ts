import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The layout of SQuAD 1.1. */
interface Squad {
  readonly data: readonly {
    readonly paragraphs: readonly {
      readonly context: string;
      readonly qas: readonly { readonly question: string }[];
    }[];
  }[];
}

/** A paragraph and questions about it. */
export interface Paragraph {
  readonly context: string;
  readonly questions: readonly string[];
}

/**
 * Where XQuAD in English is, data that took no part in the training of any model: `xquad.en.json` in the folder that the
 * environment variable XQUAD names, or else in `../shared/data/xquad`.
 */
const FILE = join(
  process.env.XQUAD ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'xquad'),
  'xquad.en.json',
);

/** The paragraphs of XQuAD; none where it is not found, which is said. @param what is not done then, for the message */
export const xquadParagraphs = (what: string): readonly Paragraph[] => {
  if (!existsSync(FILE)) {
    console.warn(`SKIPPED: ${what}: XQuAD not found: ${FILE}; set XQUAD to its folder`);
    return [];
  }
  const { data } = JSON.parse(readFileSync(FILE, 'utf8')) as Squad;
  return data
    .flatMap(({ paragraphs }) => paragraphs)
    .map(({ context, qas }) => ({ context, questions: qas.map(({ question }) => question) }));
};
