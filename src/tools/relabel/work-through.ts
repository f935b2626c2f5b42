import pMap from 'p-map';
import { describeError } from '../../errors.ts';
import { NOTHING, sumOf } from '../../pipeline/relabel/counts.ts';
import type { RelabelFault, Relabelled } from '../../pipeline/relabel/relabel-items.ts';
import { UserError } from '../user-error.ts';
import type { Consumed } from '../../pipeline/relabel/counts.ts';
import type { Progress, RelabelRun } from './progress-file.ts';
import type { ItemSource, Page } from '../../pipeline/relabel/source.ts';

export interface WorkOptions {
  readonly run: RelabelRun;
  readonly source: ItemSource;
  /** What is done with the items of a page. */
  readonly work: (items: Page['items'], signal: AbortSignal) => Promise<Relabelled>;
  /** Parts in work at a time. */
  readonly concurrency: number;
  readonly consumed: () => Consumed;
  /** What an earlier run has left. */
  readonly before: Progress | undefined;
  /** Receives the progress after each page. */
  readonly onProgress: (progress: Progress) => Promise<void>;
  /** Receives the items that could not be labelled. */
  readonly onFaults: (faults: readonly RelabelFault[]) => void;
  /** Ends the work: the pages in work are not counted, and are looked at again by the next run. */
  readonly signal: AbortSignal;
}

/**
 * Works through all parts of a source, some side by side, each page by page.
 *
 * @returns the progress at the end, or when `signal` aborted
 * @throws UserError where every further item would fail, too, until an operator acts
 */
export const workThrough = async (options: WorkOptions): Promise<Progress> => {
  const { run, source, work, concurrency, consumed, before, onProgress, onFaults } = options;
  // A part that fails ends the others.
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const isOver = (): boolean => signal.aborted;
  const from = performance.now();
  const earlier = before?.consumed ?? { read: 0, write: 0 };
  const positions: Record<string, Progress['positions'][string]> = { ...before?.positions };
  let counts = before?.counts ?? NOTHING;
  const progress = (): Progress => {
    const { read, write } = consumed();
    return {
      ...{ run, exportArn: before?.exportArn },
      positions: { ...positions },
      counts,
      consumed: { read: earlier.read + read, write: earlier.write + write },
      seconds: (before?.seconds ?? 0) + (performance.now() - from) / 1000,
    };
  };

  const through = async (part: string): Promise<void> => {
    if (isOver() || positions[part] === 'done') return;
    for await (const { items, unreadable = 0, next } of source.pages(part, positions[part], signal)) {
      const relabelled = await work(items, signal);
      if (isOver()) return;
      stopAtLasting(relabelled.faults);
      onFaults(relabelled.faults);
      const invalid = { ...NOTHING, examined: unreadable, invalid: unreadable };
      counts = sumOf(sumOf(counts, relabelled.counts), invalid);
      positions[part] = next;
      await onProgress(progress());
    }
  };
  try {
    await pMap(source.parts, through, { concurrency });
  } catch (error) {
    failed.abort();
    // What was in work when the signal aborted fails with it.
    if (!options.signal.aborted) throw error;
  }
  return progress();
};

const stopAtLasting = (faults: readonly RelabelFault[]): void => {
  const lasting = faults.find(({ error }) => 'isLasting' in error && error.isLasting);
  if (lasting === undefined) return;
  throw new UserError(
    `Labels cannot be written: ${describeError(lasting.error)}. Mend that; the same command then goes on.`,
    { cause: lasting.error },
  );
};
