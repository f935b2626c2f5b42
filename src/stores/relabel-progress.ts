import * as z from 'zod';
import { ConfigError } from '../errors.ts';
import type { ObjectStore } from '../pipeline/objects/object-store.ts';
import { jsonOf } from '../pipeline/objects/stored-json.ts';
import { NOTHING } from '../pipeline/relabel/counts.ts';
import type { PartProgress } from '../pipeline/relabel/work-part.ts';
import type { Place } from './objects/place.ts';

const number = z.number().nonnegative();
const position = z.union([
  z.literal('done'),
  z.strictObject({ key: z.record(z.string(), z.record(z.string(), z.unknown())) }),
  z.strictObject({ line: number }),
]);
const progress = z.object({
  /** What it is the progress of: that of anything else is none. */
  of: z.string(),
  position: position.optional(),
  counts: z.object(
    Object.fromEntries(Object.keys(NOTHING).map((key) => [key, number])) as Record<
      keyof typeof NOTHING,
      typeof number
    >,
  ),
  consumed: z.object({ read: number, write: number }),
  seconds: number,
  reasons: z.record(z.string(), number),
});

/**
 * The progress of a relabel that many processes share: an object for each part, `<prefix>0.json` and so on, which only the
 * process that works on the part writes.
 */
export const relabelProgress = (store: ObjectStore, { bucket, key: prefix }: Place) => {
  const nameOf = (index: number) => ({ bucket, key: `${prefix}${index}.json` });
  return {
    /** @param of what the progress has to be of @returns undefined where there is none @throws ConfigError */
    load: async (index: number, of?: string): Promise<PartProgress | undefined> => {
      const name = nameOf(index);
      const parsed = progress.optional().safeParse(await jsonOf(store, name));
      if (!parsed.success)
        throw new ConfigError(`s3://${name.bucket}/${name.key} is no progress of a relabel: delete it`, {
          cause: parsed.error,
        });
      if (parsed.data === undefined || (of !== undefined && parsed.data.of !== of)) return undefined;
      const { position: at, ...rest } = parsed.data;
      return { position: at, ...rest };
    },
    save: async (index: number, of: string, state: PartProgress): Promise<void> => {
      await store.put(nameOf(index), Buffer.from(JSON.stringify({ of, ...state })), {
        contentType: 'application/json',
      });
    },
  };
};
