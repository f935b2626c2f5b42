import { NOTHING, type RelabelCounts, sumOf } from '../pipeline/relabel/counts.ts';
import { relabelItems, type RelabelFault, type RelabelParts } from '../pipeline/relabel/relabel-items.ts';
import { readShard } from '../pipeline/objects/read-shard.ts';
import type { AttributeMap } from '../dynamodb-json/attributes.ts';
import { describeError, PermanentError } from '../errors.ts';
import { UNMETERED } from '../pipeline/meter.ts';
import { wireJob } from '../wire/jobs.ts';
import { wireRelabel } from '../wire/relabel.ts';
import { planObjects } from './classify-objects.ts';
import type { JobKind } from './job-kind.ts';
import type { ShardResult } from './shard-work.ts';

/** Items that are looked at together. */
const PAGE = 1_000;

/**
 * Relabels the items of a table from its export: the shards are those of classifying the export's files, but the labels
 * go to the table's label store, where the items still are as they were.
 */
export const relabel: JobKind = {
  // What was classified into an output has no labels in the table yet.
  plan: (env, signal) => planObjects(env, signal, (runs) => ({ ...runs, finished: async () => undefined })),
  open: async (env) => {
    const { config, store, settings, models } = await wireJob(env, { loadsModels: true });
    for (const model of models.resolve()) await models.load(model.id);
    let listener: (texts: number) => void = () => undefined;
    const meter = { ...UNMETERED, inferences: (texts: number) => listener(texts) };
    const parts: RelabelParts = { ...wireRelabel(env, models), where: config.RELABEL_WHERE, meter };
    return {
      onTexts: (listen) => {
        listener = listen;
      },
      work: async (task, signal) => {
        const tally = relabelTally();
        let page: AttributeMap[] = [];
        const flush = async (): Promise<void> => {
          tally.add(await relabelItems(page, parts, signal));
          signal.throwIfAborted();
          page = [];
        };
        const reading = {
          store,
          models,
          settings: { ...settings, keyAttributes: parts.settings.keyAttributes },
        };
        for await (const { item } of readShard(task, reading, signal, tally.unreadable)) {
          page.push(item);
          if (page.length === PAGE) await flush();
        }
        await flush();
        return tally.result();
      },
    };
  },
};

/** Adds up what became of the items of a shard. */
const relabelTally = () => {
  let counts: RelabelCounts = NOTHING;
  const errors: Record<string, number> = {};
  let reason: string | undefined;
  const count = (code: string): void => {
    errors[code] = (errors[code] ?? 0) + 1;
  };
  return {
    add: (done: { readonly counts: RelabelCounts; readonly faults: readonly RelabelFault[] }): void => {
      counts = sumOf(counts, done.counts);
      for (const { error } of done.faults) {
        if (error instanceof PermanentError) count(error.code);
        else reason ??= describeError(error);
      }
    },
    unreadable: ({ code }: { readonly code: string }): void => {
      counts = sumOf(counts, { ...NOTHING, examined: 1, invalid: 1 });
      count(code);
    },
    result: (): ShardResult => ({
      kind: counts.failed > 0 ? 'failed' : 'done',
      counts,
      errors,
      ...(counts.failed > 0 && { reason: `${counts.failed} items failed: ${reason}` }),
    }),
  };
};
