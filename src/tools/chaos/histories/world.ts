import type { Item } from '../../../stores/dynamodb/batch-write.ts';
import { LABELS_TABLE_KEYS } from '../../../stores/labels-table.ts';
import { REJECTS_TABLE_KEYS } from '../../../stores/rejects-table.ts';
import type { NextFault } from '../faults.ts';
import { faultySend } from './faulty-send.ts';
import { applyStep, type DocumentsPlace, type ItemStep } from './history.ts';
import { memoryDynamoDb, type Send } from './memory-dynamodb.ts';
import { type ItemWrite, memoryTable } from './memory-table.ts';

export type TableRole = 'documents' | 'rejects' | 'labels';

export const TABLE_KEYS: Readonly<Record<TableRole, readonly string[]>> = {
  documents: ['id'],
  rejects: REJECTS_TABLE_KEYS,
  labels: LABELS_TABLE_KEYS,
};

/** The DynamoDB that a scenario is played with. */
export interface World {
  readonly tables: Readonly<Record<TableRole, string>>;
  readonly place: DocumentsPlace;
  /** Changes the documents table as its owner does, without faults. */
  apply(step: ItemStep): Promise<void>;
  /** DynamoDB as the function sees it, faults included. */
  readonly send: Send;
  /** Waits for calls that arrive late. @returns whether there were any */
  settled(): Promise<boolean>;
  items(table: TableRole): Promise<readonly Item[]>;
}

/** @param onWrite receives the changes of the documents table, and who made them */
export type MakeWorld = (
  nextFault: NextFault,
  onWrite: (write: ItemWrite, by: 'owner' | 'function') => void,
) => Promise<World>;

/** Everything in memory. */
export const memoryWorld: MakeWorld = async (nextFault, onWrite) => {
  let by: 'owner' | 'function' = 'function';
  const byRole = {
    documents: memoryTable(TABLE_KEYS.documents, (write) => onWrite(write, by)),
    rejects: memoryTable(TABLE_KEYS.rejects),
    labels: memoryTable(TABLE_KEYS.labels),
  };
  const send = memoryDynamoDb(byRole);
  const place = { table: 'documents', key: 'id', textAttribute: 'text' };
  const late = new Set<Promise<unknown>>();
  return {
    tables: { documents: 'documents', rejects: 'rejects', labels: 'labels' },
    place,
    apply: async (step) => {
      // The write is made within the call; only its answer takes a moment.
      by = 'owner';
      const done = applyStep(send, step, place);
      by = 'function';
      await done;
    },
    send: faultySend(send, nextFault, (done) => late.add(done)),
    settled: async () => {
      const waited = [...late];
      late.clear();
      await Promise.all(waited);
      return waited.length > 0;
    },
    items: async (role) => byRole[role].items(),
  };
};
