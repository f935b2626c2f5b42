import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { UserError } from '../../user-error.ts';
import { parseJson } from '../../parse-json.ts';

const progress = z.object({
  stackId: z.string(),
  digest: z.string(),
  records: z.number().int().positive(),
  /** The number of messages that are in the table, from the first on. */
  written: z.number().int().nonnegative(),
  /** When the first was written, in ms since 1970. */
  startedAt: z.number().int().positive(),
});

export type Progress = Readonly<z.infer<typeof progress>>;

/** Identifies the ingest of a file. */
export type Ingest = Pick<Progress, 'stackId' | 'digest' | 'records'>;

/**
 * The progress of an ingest, stored in a file between runs: `.build/ingest/<stage>-<digest>-<records>.json`.
 *
 * @param root the project's folder
 */
export const progressFile = (root: string, stage: string, ingest: Ingest) => {
  const path = join(root, '.build', 'ingest', `${stage}-${ingest.digest}-${ingest.records}.json`);
  return {
    path,
    /**
     * What an earlier run has left; undefined where there was none.
     *
     * @throws UserError where the file cannot be used
     */
    load: async (): Promise<Progress | undefined> => {
      const advice = `Delete it to begin anew: the same items are written again, none twice.`;
      let source: string;
      try {
        source = await readFile(path, 'utf8');
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        const { code } = cause as NodeJS.ErrnoException;
        throw new UserError(`The progress file ${path} cannot be read (${code}). ${advice}`, { cause });
      }
      const parsed = progress.safeParse(parseJson(source));
      if (
        !parsed.success ||
        parsed.data.written > parsed.data.records ||
        parsed.data.digest !== ingest.digest
      ) {
        throw new UserError(`The progress file ${path} is broken. ${advice}`);
      }
      if (parsed.data.stackId === ingest.stackId) return parsed.data;
      throw new UserError(
        `The progress file ${path} is of another deployment of stage ${stage}, which is gone. ${advice}`,
      );
    },
    save: async (state: Progress): Promise<void> => {
      await mkdir(dirname(path), { recursive: true });
      // Ctrl-C must not leave half a file.
      await writeFile(`${path}.new`, JSON.stringify(state));
      await rename(`${path}.new`, path);
    },
    remove: (): Promise<void> => rm(path, { force: true }),
  };
};
