import { hash } from 'node:crypto';
import pMap from 'p-map';
import * as z from 'zod';
import type { ObjectStore } from '../../../pipeline/objects/object-store.ts';
import { jsonOf } from '../../../pipeline/objects/stored-json.ts';
import { type Consumed, NOTHING, type RelabelCounts, sumOf } from '../../../pipeline/relabel/counts.ts';
import { WHERE } from '../../../pipeline/relabel/survey.ts';
import { LABEL_STORES } from '../../../stores/label-stores.ts';
import { parseS3Url, type Place } from '../../../stores/objects/place.ts';
import { relabelProgress } from '../../../stores/relabel-progress.ts';
import { UserError } from '../../user-error.ts';

const run = z.object({
  table: z.string(),
  /** `name@version` */
  model: z.string(),
  where: z.enum(WHERE),
  /** `scan`, or the export, as it was asked for. */
  source: z.string(),
  store: z.enum(LABEL_STORES),
  /** Segments or files; undefined before it is known how many. */
  parts: z.number().int().nonnegative().optional(),
  /** The export that was started for it. */
  exportArn: z.string().optional(),
});

/** What jobs of a stage work on, one after another until it is done. */
export type SharedRun = Readonly<z.infer<typeof run>>;

/** How far it is, in all of its parts together. */
export interface SharedProgress {
  readonly parts: number;
  readonly done: number;
  readonly counts: RelabelCounts;
  readonly consumed: Consumed;
  /** Of work, of all processes together. */
  readonly seconds: number;
  readonly reasons: Readonly<Record<string, number>>;
}

/** Objects that are read or deleted side by side. */
const CONCURRENCY = 32;

/**
 * Identifies a run: its table, model, choice and source.
 *
 * @param tableId another one for a table that was deleted and made again
 */
export const runDigest = (
  { table, model, where, source }: Omit<SharedRun, 'store' | 'parts' | 'exportArn'>,
  tableId: string,
): string => hash('sha256', JSON.stringify([table, tableId, model, where, source])).slice(0, 16);

/** Where relabelling keeps what it knows of its runs. @param settings of its jobs @throws UserError */
export const runsPlace = ({ RELABEL_PROGRESS: url = '' }: Readonly<Record<string, string>>): Place => {
  const place = parseS3Url(url);
  if (place !== undefined) return place;
  throw new UserError('The definition of the jobs has no RELABEL_PROGRESS: deploy the stage again.');
};

/** A run that jobs of a stage share, kept beside its progress. */
export const sharedRun = (store: ObjectStore, { bucket, key }: Place, digest: string) => {
  const place: Place = { bucket, key: `${key}${digest}/` };
  const name = { bucket, key: `${place.key}run.json` };
  const kept = relabelProgress(store, place);
  const indices = (parts: number): readonly number[] => Array.from({ length: parts }, (_, index) => index);
  return {
    url: `s3://${bucket}/${place.key}`,
    /** @returns undefined where there is none */
    load: async (): Promise<SharedRun | undefined> => {
      const parsed = run.optional().safeParse(await jsonOf(store, name));
      if (parsed.success) return parsed.data;
      throw new UserError(`s3://${bucket}/${name.key} is no run of a relabel: delete it.`, {
        cause: parsed.error,
      });
    },
    save: async (state: SharedRun): Promise<void> => {
      await store.put(name, Buffer.from(JSON.stringify(state)), { contentType: 'application/json' });
    },
    progress: async (parts: number): Promise<SharedProgress> => {
      const found = await pMap(indices(parts), (index) => kept.load(index), { concurrency: CONCURRENCY });
      const begun = found.filter((one) => one !== undefined);
      const reasons: Record<string, number> = {};
      for (const one of begun)
        for (const [reason, times] of Object.entries(one.reasons))
          reasons[reason] = (reasons[reason] ?? 0) + times;
      const total = (of: (one: (typeof begun)[number]) => number): number =>
        begun.reduce((sum, one) => sum + of(one), 0);
      return {
        ...{ parts, reasons },
        done: begun.filter(({ position }) => position === 'done').length,
        counts: begun.reduce((sum, { counts }) => sumOf(sum, counts), NOTHING),
        consumed: {
          read: total(({ consumed }) => consumed.read),
          write: total(({ consumed }) => consumed.write),
        },
        seconds: total(({ seconds }) => seconds),
      };
    },
    remove: (parts: number): Promise<void> =>
      store.delete(bucket, [name.key, ...indices(parts).map((index) => `${place.key}${index}.json`)]),
  };
};
