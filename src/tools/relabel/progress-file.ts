import { hash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { NOTHING } from '../../pipeline/relabel/counts.ts';
import { parseJson } from '../parse-json.ts';
import { UserError } from '../user-error.ts';

const number = z.number().nonnegative();
const counts = z.object(
  Object.fromEntries(Object.keys(NOTHING).map((key) => [key, number])) as Record<
    keyof typeof NOTHING,
    typeof number
  >,
);
const position = z.union([
  z.literal('done'),
  z.strictObject({ key: z.record(z.string(), z.record(z.string(), z.unknown())) }),
  z.strictObject({ line: number }),
]);
const progress = z.object({
  run: z.record(z.string(), z.union([z.string(), z.number()])),
  /** By the names of the source's parts; a part that is not here was not begun. */
  positions: z.record(z.string(), position),
  counts,
  consumed: z.object({ read: number, write: number }),
  /** Of all runs so far. */
  seconds: number,
  /** The export that was started for it. */
  exportArn: z.string().optional(),
});

/** How far a relabel is, and what it did so far. */
export type Progress = Readonly<z.infer<typeof progress>>;

/** What identifies a relabel: its table, model, choice and source. A run of another one begins anew. */
export type RelabelRun = Progress['run'];

/**
 * The progress of a relabel, kept in a file between runs: `.build/relabel/<digest>.json`. At most the pages that were in
 * work are looked at again.
 *
 * @param root the project's folder
 */
export const progressFile = (root: string, run: RelabelRun) => {
  const digest = hash('sha256', JSON.stringify(Object.entries(run).toSorted())).slice(0, 16);
  const path = join(root, '.build', 'relabel', `${digest}.json`);
  const advice = 'Delete it to begin anew: items that have their labels are left alone.';
  let saved: Promise<void> = Promise.resolve();
  const write = async (state: Progress): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    // A process that is killed must not leave half a file.
    await writeFile(`${path}.new`, JSON.stringify(state));
    await rename(`${path}.new`, path);
  };
  return {
    path,
    /** What an earlier run has left; undefined where there was none. @throws UserError where it cannot be used */
    load: async (): Promise<Progress | undefined> => {
      let source: string;
      try {
        source = await readFile(path, 'utf8');
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException;
        if (code === 'ENOENT') return undefined;
        throw new UserError(`The progress file ${path} cannot be read (${code}). ${advice}`, { cause });
      }
      const parsed = progress.safeParse(parseJson(source));
      if (parsed.success) return parsed.data;
      throw new UserError(`The progress file ${path} is broken. ${advice}`, { cause: parsed.error });
    },
    /** One after the other, however many parts report at a time. */
    save: (state: Progress): Promise<void> => (saved = saved.then(() => write(state))),
    remove: (): Promise<void> => rm(path, { force: true }),
  };
};
