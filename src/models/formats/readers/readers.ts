import { must } from '../../../errors.ts';
import { questionAnsweringReader } from './question-answering.ts';
import type { Reader, ReaderParts } from './reader.ts';
import { textClassificationReader } from './text-classification.ts';

/** By the names of tasks. */
const readers: Readonly<Record<string, (parts: ReaderParts) => Reader>> = {
  'text-classification': textClassificationReader,
  'question-answering': questionAnsweringReader,
};

/** How a transformer does its task. @throws ModelError where its files do not allow it */
export const readerOf = (parts: ReaderParts): Reader =>
  must(readers[parts.manifest.task], `task ${parts.manifest.task}`)(parts);
