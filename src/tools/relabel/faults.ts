import { PermanentError } from '../../errors.ts';
import type { RelabelFault } from '../../pipeline/relabel/relabel-items.ts';

/** The items that could not be labelled, by reason, and some of them by name. */
export interface FaultReport {
  /** Counted by the code of the error, `failed` for those that may succeed later. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly items: readonly { readonly item: string; readonly reason: string }[];
}

/** More of them are counted only. */
const MOST_ITEMS = 100;

/** Collects faults, in bounded memory. */
export const faultReport = () => {
  const reasons: Record<string, number> = {};
  const items: { readonly item: string; readonly reason: string }[] = [];
  return {
    add: (faults: readonly RelabelFault[]): void => {
      for (const { item, error } of faults) {
        const reason = error instanceof PermanentError ? error.code : 'failed';
        reasons[reason] = (reasons[reason] ?? 0) + 1;
        if (items.length < MOST_ITEMS) items.push({ item, reason });
      }
    },
    report: (): FaultReport => ({ reasons, items }),
  };
};
