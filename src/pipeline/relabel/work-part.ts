import type { TransientError } from '../../errors.ts';
import { type Consumed, NOTHING, type RelabelCounts, sumOf } from './counts.ts';
import type { RelabelFault, Relabelled } from './relabel-items.ts';
import type { ItemSource, Page, Position } from './source.ts';

/** How far a part of a source is, and what was done with it so far, in all attempts: plain JSON. */
export interface PartProgress {
  /** Undefined where it was not begun. */
  readonly position: Position | undefined;
  readonly counts: RelabelCounts;
  readonly consumed: Consumed;
  /** Of work. */
  readonly seconds: number;
  /** Items that could not be labelled, by the codes of their errors; `failed` for those that may succeed later. */
  readonly reasons: Readonly<Record<string, number>>;
}

export const NOT_BEGUN: PartProgress = {
  position: undefined,
  counts: NOTHING,
  consumed: { read: 0, write: 0 },
  seconds: 0,
  reasons: {},
};

export interface PartOptions {
  readonly source: Pick<ItemSource, 'pages'>;
  readonly before: PartProgress;
  readonly work: (items: Page['items'], signal: AbortSignal) => Promise<Relabelled>;
  /** By all calls of this process so far. */
  readonly consumed: () => Consumed;
  readonly save: (progress: PartProgress) => Promise<void>;
  readonly onFaults: (faults: readonly RelabelFault[]) => void;
  /** Ends the work after the page that is in work. */
  readonly stop: AbortSignal;
  /** Ends it in the middle of a page, which is looked at again. */
  readonly signal: AbortSignal;
  readonly saveMs?: number;
  readonly now?: () => number;
}

/** What a process that is killed has to look at again at most. */
const SAVE_MS = 15_000;

/**
 * Works through a part of a source, page by page, from where it was left. Its progress is saved now and then, and
 * whenever it ends.
 *
 * @throws TransientError where every further item would fail, too, until an operator acts; what the source throws;
 *   the reason of the signal that ended it
 */
export const workPart = async (
  part: string,
  { source, before, work, consumed, save, onFaults, stop, signal, ...options }: PartOptions,
): Promise<PartProgress> => {
  if (before.position === 'done') return before;
  const { saveMs = SAVE_MS, now = () => performance.now() } = options;
  const [began, paid] = [now(), consumed()];
  let saved = began;
  let { counts, reasons } = before;
  let position: Position | undefined = before.position;
  const progress = (): PartProgress => ({
    ...{ position, counts, reasons },
    consumed: {
      read: before.consumed.read + consumed().read - paid.read,
      write: before.consumed.write + consumed().write - paid.write,
    },
    seconds: before.seconds + (now() - began) / 1_000,
  });
  try {
    for await (const page of source.pages(part, position, AbortSignal.any([stop, signal]))) {
      const done = await work(page.items, signal);
      signal.throwIfAborted();
      const lasting = lastingOf(done.faults);
      if (lasting !== undefined) throw lasting;
      onFaults(done.faults);
      const { unreadable = 0 } = page;
      const invalid = { ...NOTHING, examined: unreadable, invalid: unreadable };
      counts = sumOf(sumOf(counts, done.counts), invalid);
      reasons = withFaults(reasons, done.faults, unreadable);
      position = page.next;
      if (position !== 'done') stop.throwIfAborted();
      if (position === 'done' || now() - saved < saveMs) continue;
      await save(progress());
      saved = now();
    }
  } catch (error) {
    // What is not saved is looked at again.
    await save(progress()).catch(() => undefined);
    if (signal.aborted) throw signal.reason;
    throw stop.aborted ? stop.reason : error;
  }
  await save(progress());
  return progress();
};

const lastingOf = (faults: readonly RelabelFault[]): TransientError | undefined => {
  for (const { error } of faults) if ('isLasting' in error && error.isLasting) return error;
  return undefined;
};

const reasonOf = ({ error }: RelabelFault): string => ('code' in error ? error.code : 'failed');

const withFaults = (
  reasons: PartProgress['reasons'],
  faults: readonly RelabelFault[],
  unreadable: number,
): PartProgress['reasons'] => {
  const sums: Record<string, number> = { ...reasons };
  for (const fault of faults) sums[reasonOf(fault)] = (sums[reasonOf(fault)] ?? 0) + 1;
  return unreadable === 0 ? sums : { ...sums, unreadable: (sums.unreadable ?? 0) + unreadable };
};
