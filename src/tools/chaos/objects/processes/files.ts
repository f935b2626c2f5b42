import { fileOf } from '../files.ts';
import type { ProcessFile } from './scenario.ts';

/** The objects of a history, by their keys. */
export const textsOf = (files: readonly ProcessFile[]): ReadonlyMap<string, Buffer> =>
  new Map(
    files.map(({ suffix, texts, isCut }, index) => {
      const body = fileOf(
        suffix,
        Array.from({ length: texts }, (_, text) => `I lost my card ${text}`),
      );
      return [`in/${index} ü+${suffix}`, isCut ? body.subarray(0, Math.ceil(body.length / 2)) : body];
    }),
  );
