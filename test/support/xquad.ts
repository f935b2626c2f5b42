import { join } from 'node:path';
import { xquadFile, xquadParagraphs } from '../../src/tools/bench/paragraphs.ts';
import type { Paragraph } from '../../src/tools/ingest/input/messages.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** The paragraphs of XQuAD; none where it is not found, which is said. @param what is not done then, for the message */
export const xquadOr = (what: string): readonly Paragraph[] => {
  const paragraphs = xquadParagraphs(ROOT);
  if (paragraphs === undefined)
    console.warn(`SKIPPED: ${what}: XQuAD not found: ${xquadFile(ROOT)}; set XQUAD to its folder`);
  return paragraphs ?? [];
};
