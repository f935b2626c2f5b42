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
  /** DynamoDB as a relabel sees it, which has read these labels. */
  sendAs(writer: Relabeller, nextFault: NextFault): Send;
  /** Waits for calls that arrive late. @returns whether there were any */
  settled(): Promise<boolean>;
  items(table: TableRole): Promise<readonly Item[]>;
}

/** What a relabel has read before it writes: the label of each item, by its id. */
export interface Relabeller {
  readonly seen: ReadonlyMap<string, string>;
}

/** Who changes the documents table. */
export type Writer = 'owner' | 'function' | Relabeller;

/** @param onWrite receives the changes of the documents table, and who made them */
export type MakeWorld = (
  nextFault: NextFault,
  onWrite: (write: ItemWrite, by: Writer) => void,
) => Promise<World>;

/** Everything in memory. */
export const memoryWorld: MakeWorld = async (nextFault, onWrite) => {
  let by: Writer = 'function';
  const byRole = {
    documents: memoryTable(TABLE_KEYS.documents, (write) => onWrite(write, by)),
    rejects: memoryTable(TABLE_KEYS.rejects),
    labels: memoryTable(TABLE_KEYS.labels),
  };
  const send = memoryDynamoDb(byRole);
  const place = { table: 'documents', key: 'id', textAttribute: 'text' };
  const late = new Set<Promise<unknown>>();
  // The write is made within the call; only its answer takes a moment.
  const writingAs = <Result>(writer: Writer, write: () => Result): Result => {
    by = writer;
    const done = write();
    by = 'function';
    return done;
  };
  return {
    tables: { documents: 'documents', rejects: 'rejects', labels: 'labels' },
    place,
    apply: async (step) => {
      await writingAs('owner', () => applyStep(send, step, place));
    },
    send: faultySend(send, nextFault, (done) => late.add(done)),
    sendAs: (writer, next) =>
      faultySend(
        (command) => writingAs(writer, () => send(command)),
        next,
        (done) => late.add(done),
      ),
    settled: async () => {
      const waited = [...late];
      late.clear();
      await Promise.all(waited);
      return waited.length > 0;
    },
    items: async (role) => byRole[role].items(),
  };
};
