import type { IncomingHttpHeaders } from 'node:http';
import type { Usage } from '../../ingest/disturbance.ts';

/** Entries of one call, by table. */
const entriesOf = (operation: string, body: Buffer): Readonly<Record<string, number>> => {
  if (operation === 'UpdateItem') return { items: 1 };
  if (operation === 'BatchExecuteStatement') return { items: JSON.parse(body.toString()).Statements.length };
  if (operation !== 'BatchWriteItem') return {};
  const tables: Readonly<Record<string, readonly unknown[]>> = JSON.parse(body.toString()).RequestItems;
  return Object.fromEntries(Object.entries(tables).map(([table, writes]) => [table, writes.length]));
};

/**
 * Counts at a fault proxy. The SDK numbers its attempts, which distinguishes retries from new calls; entries that a
 * store sends again after a partial answer count as another inference, which errs on the safe side.
 *
 * @param rejectsTable the table whose writes are not labels
 */
export const usageCounter = (rejectsTable: string) => {
  let inferences = 0;
  let writes = 0;
  return {
    onCall: (operation: string, body: Buffer, headers: IncomingHttpHeaders): void => {
      if (!String(headers['amz-sdk-request']).startsWith('attempt=1;')) return;
      for (const [table, count] of Object.entries(entriesOf(operation, body)))
        if (table !== rejectsTable) inferences += count;
    },
    onForward: (operation: string, body: Buffer): void => {
      for (const count of Object.values(entriesOf(operation, body))) writes += count;
    },
    usage: (): Usage => ({ inferences, writes }),
  };
};
