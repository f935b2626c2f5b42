import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

/** A paragraph and questions that a part of it answers. */
export interface Paragraph {
  readonly context: string;
  readonly questions: readonly { readonly question: string; readonly answers: readonly string[] }[];
}

/** The layout of SQuAD 1.1. */
const squad = z.object({
  data: z.array(
    z.object({
      paragraphs: z.array(
        z.object({
          context: z.string(),
          qas: z.array(z.object({ question: z.string(), answers: z.array(z.object({ text: z.string() })) })),
        }),
      ),
    }),
  ),
});

/**
 * Where XQuAD in English is, data that took no part in the training of any model: `xquad.en.json` in the folder that the
 * environment variable XQUAD names, or else in `../shared/data/xquad`.
 *
 * @param root the project's folder
 */
export const xquadFile = (root: string): string =>
  join(process.env.XQUAD ?? join(root, '..', 'shared', 'data', 'xquad'), 'xquad.en.json');

/** The paragraphs of a file in the layout of SQuAD; undefined where it is not found. */
export const paragraphsIn = (file: string): readonly Paragraph[] | undefined => {
  if (!existsSync(file)) return undefined;
  const { data } = squad.parse(JSON.parse(readFileSync(file, 'utf8')));
  return data
    .flatMap(({ paragraphs }) => paragraphs)
    .map(({ context, qas }) => ({
      context,
      questions: qas.map(({ question, answers }) => ({ question, answers: answers.map(({ text }) => text) })),
    }));
};
