import { describeError, must } from '../errors.ts';
import { log } from '../http/log.ts';
import { UNMETERED } from '../pipeline/meter.ts';
import { relabelItems, type RelabelFault } from '../pipeline/relabel/relabel-items.ts';
import { NOT_BEGUN, type PartProgress, workPart } from '../pipeline/relabel/work-part.ts';
import { relabelPartNames, wireRelabel } from '../wire/relabel.ts';
import type { JobKind } from './job-kind.ts';
import { PROCESSES, type ShardResult } from './shard-work.ts';

/** A part of a table: a segment of a scan, or a file of an export. */
export interface RelabelTask {
  readonly part: string;
  /** From 0. */
  readonly index: number;
  /** Of all parts. */
  readonly count: number;
  /** `name@version` */
  readonly model: string;
}

/**
 * Relabels the items of a table, by a scan of it or from an export: where they still are as they were read. The parts
 * are the same in all children, so they need no plan; each goes on where it was left, in whichever attempt.
 */
export const relabel: JobKind<RelabelTask> = {
  plan: async (env) => {
    const parts = await relabelPartNames(env);
    const [count, model] = [parts.length, must(env.MODEL, 'MODEL')];
    return { tasks: parts.map((part, index) => ({ part, index, count, model })), faults: [] };
  },
  open: async (env, { stop, signal: abort }) => {
    const processes = Number(must(env[PROCESSES], PROCESSES));
    const relabelling = await wireRelabel(env, { processes, stop, signal: abort });
    const { source, progress, progressOf, consumed } = relabelling;
    let listener: (texts: number) => void = () => undefined;
    const meter = { ...UNMETERED, inferences: (texts: number) => listener(texts) };
    const parts = { ...relabelling.parts, meter };
    const onFaults = faultLog();
    return {
      onTexts: (listen) => {
        listener = listen;
      },
      work: async ({ part, index }, signal) => {
        const of = progressOf(part);
        return resultOf(
          await workPart(part, {
            ...{ source, consumed, onFaults, stop, signal },
            before: (await progress.load(index, of)) ?? NOT_BEGUN,
            work: (items, ended) => relabelItems(items, parts, ended),
            save: (state) => progress.save(index, of, state),
          }),
        );
      },
    };
  },
  nameOf: ({ part, index, count, model }) => ({
    whole: part,
    place: { part },
    shard: `${index + 1}/${count}`,
    model,
  }),
};

/** More of them are counted only. */
const MOST_NAMED = 100;

/** Names the items that could not be labelled, up to a number of them. */
const faultLog = () => {
  let named = 0;
  return (faults: readonly RelabelFault[]): void => {
    for (const fault of faults.slice(0, MOST_NAMED - named))
      log('WARN', 'item', { item: fault.item, reason: describeError(fault.error) });
    named = Math.min(MOST_NAMED, named + faults.length);
  };
};

const resultOf = ({ counts, consumed, reasons }: PartProgress): ShardResult => ({
  kind: counts.failed > 0 ? 'failed' : 'done',
  counts: { ...counts, readUnits: consumed.read, writeUnits: consumed.write },
  errors: reasons,
  ...(counts.failed > 0 && { reason: `${counts.failed} items could not be labelled` }),
});
