import type { OutcomeKind, Tally } from '../pipeline/outcome.ts';

const KINDS: readonly OutcomeKind[] = [
  'labelled',
  'unchanged',
  'superseded',
  'skipped',
  'rejected',
  'failed',
];

/** Adds up the function's metrics, which it writes into its log in CloudWatch's embedded metric format. */
export const outcomeLog = () => {
  const counts: Record<OutcomeKind, number> = {
    labelled: 0,
    unchanged: 0,
    superseded: 0,
    skipped: 0,
    rejected: 0,
    failed: 0,
  };
  return {
    /** Takes a line of the log; those that are no metrics are passed over. */
    add: (line: string): void => {
      if (!line.startsWith('{"_aws"')) return;
      const metrics: Readonly<Record<string, unknown>> = JSON.parse(line);
      for (const kind of KINDS) {
        const count = metrics[`Records${kind[0]?.toUpperCase()}${kind.slice(1)}`];
        if (typeof count === 'number') counts[kind] += count;
      }
    },
    counts: (): Tally => ({ ...counts }),
    /** Records that need not be delivered again. */
    done: (): number => KINDS.reduce((sum, kind) => sum + (kind === 'failed' ? 0 : counts[kind]), 0),
  };
};
