import type { MessageKind } from '../../pipeline/objects/message-outcome.ts';

interface LogLine {
  readonly message?: string;
  readonly outcome?: MessageKind;
  readonly shards?: number;
  readonly messageId?: string;
  readonly reason?: string;
}

/** What the function says of messages in its log. */
export const functionLog = () => {
  const outcomes = new Map<string, number>();
  const faults: string[] = [];
  const failed = Promise.withResolvers<void>();
  let planned = 0;
  const count = (kind: MessageKind): number => outcomes.get(kind) ?? 0;
  return {
    /** Reads a line; others than the function's own are ignored. */
    add: (line: string): void => {
      if (!line.startsWith('{') || line.startsWith('{"_aws"')) return;
      const { message, outcome, shards = 0, reason } = JSON.parse(line) as LogLine;
      if (message === 'object' && outcome !== undefined) {
        outcomes.set(outcome, count(outcome) + 1);
        planned += shards;
      }
      if (message !== 'failed' && message !== 'too-slow') return;
      faults.push(String(reason));
      failed.resolve();
    },
    /** Resolves where a message fails. */
    failed: failed.promise,
    outcomes: (): Readonly<Record<string, number>> => Object.fromEntries(outcomes),
    /** Why messages went back to the queue. */
    faults: (): readonly string[] => [...new Set(faults)],
    /** Shards that were sent. */
    planned: (): number => planned,
    /** Shards and objects that are done. */
    done: (): number =>
      (['done', 'faulty', 'partial', 'unchanged', 'superseded', 'skipped'] as const).reduce(
        (sum, kind) => sum + count(kind),
        0,
      ),
  };
};
