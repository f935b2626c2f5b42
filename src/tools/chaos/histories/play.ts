import { setTimeout as sleep } from 'node:timers/promises';
import { must } from '../../../errors.ts';
import { mapStream } from '../../emulators/event-source/mapping.ts';
import { memoryStream } from '../../emulators/event-source/memory-stream.ts';
import { createDisorder } from '../disorder.ts';
import { plannedFaults } from '../faults.ts';
import { changeData, itemAfter, plainData } from './history.ts';
import type { ItemWrite } from './memory-table.ts';
import { RECORD_POISON } from '../poison.ts';
import type { Scenario } from './scenario.ts';
import { type Invocation, toyFunction } from './toy-function.ts';
import type { MakeWorld, World, Writer } from './world.ts';
import { overwritten, relabelRounds } from './relabelling.ts';
import type { LabelEvent } from '../../../pipeline/destinations.ts';
import type { Item } from '../../../stores/dynamodb/batch-write.ts';

/** The origin of a record in the stream. */
export type RecordOrigin = {
  /** Counts what goes into the stream, in the order in which it happened: copies of a record have the same. */
  readonly version: number;
} & (
  | { readonly kind: 'noise' }
  | { readonly kind: 'plain'; readonly id: string; readonly text: string | number | undefined }
  | { readonly kind: 'change'; readonly write: ItemWrite; readonly by: 'owner' | 'function' | 'relabel' }
);

/** A scenario that has been played to its end. */
export interface Played {
  readonly world: World;
  /** The expected items of the table, by id, without labels. */
  readonly expected: ReadonlyMap<string, Item>;
  /** By sequence number, in the order of the stream. */
  readonly records: ReadonlyMap<string, RecordOrigin>;
  readonly invocations: readonly Invocation[];
  /** For each completed record, the invocations that settled it. */
  readonly settledBy: ReadonlyMap<string, readonly Invocation[]>;
  readonly discarded: number;
  /** The items when the stream had drained, before the last relabel; undefined without one. */
  readonly beforeLast: readonly Item[] | undefined;
  /** What a relabel did that it must not do. */
  readonly broken: readonly string[];
  /** The labels that were forwarded. */
  readonly events: readonly LabelEvent[];
}

/** The faults of a scenario are finite; a stream that is not drained by then is stuck. */
const PATIENCE_MS = 10_000;

const STREAM = 'changes';
const FIRST_MICROS = 1_719_347_890_250_000;

/** When a change is made, by its number: two and a half changes a millisecond. */
export const changedMicros = (version: number): number => FIRST_MICROS + version * 400;

/** Soon after all of the changes. */
const ARRIVAL = new Date(FIRST_MICROS / 1_000 + 60_000);

/**
 * Plays a scenario: the history is applied to the table step by step, as the mapping reads on; its records go through
 * the stream, out of order and more than once, and through the mapping's lanes to the function.
 *
 * @throws Error where a shard is stuck
 */
export const play = async (scenario: Scenario, makeWorld: MakeWorld): Promise<Played> => {
  const { steps, delays, faults, fates, mapping: mappingOf, scatter, stamps, echoes, relabelling } = scenario;
  const { shards, readAheadRecords, ...settings } = mappingOf;
  const records = new Map<string, RecordOrigin>();
  const expected = new Map<string, Item>();
  const disorder = createDisorder<{
    readonly partitionKey: string;
    readonly data: Uint8Array;
    readonly origin: RecordOrigin;
  }>();
  let made = 0;
  let next = 0;
  const broken: string[] = [];

  const release = (due: ReturnType<typeof disorder.flush>): void => {
    for (const { origin, ...record } of due)
      records.set(must(stream.put([record])[0], 'sequence number of a record'), origin);
  };
  const emit = (origin: RecordOrigin, data: Uint8Array, key: string): void => {
    // Once the history has ended, no record is delayed any more.
    const copies = next < steps.length ? (delays[made] ?? [0]) : [0];
    const partitionKey = scatter ? `${key}-${made}` : key;
    made += 1;
    release(disorder.push({ partitionKey, data, origin }, copies));
  };
  const onWrite = (write: ItemWrite, writer: Writer): void => {
    const by = typeof writer === 'object' ? 'relabel' : writer;
    if (typeof writer === 'object') broken.push(...overwritten(write, writer.seen));
    if (by !== 'owner' && !echoes) return;
    const data = changeData(write, world.tables.documents, changedMicros(made), stamps[made]);
    emit({ kind: 'change', version: made, write, by }, data, must(write.keys.id?.S, 'id of an item'));
  };

  const advance = async (): Promise<void> => {
    const step = steps[next];
    if (step === undefined) return;
    if (step.kind === 'noise') {
      const id = `noise-${next}`;
      emit({ kind: 'noise', version: made }, RECORD_POISON[step.how]({ ...world.place, id }), id);
    } else if (step.kind === 'plain') {
      emit(
        { kind: 'plain', version: made, id: step.id, text: step.text },
        plainData(step, world.place),
        step.id,
      );
    } else {
      const item = itemAfter(step, expected.get(step.id), world.place);
      if (item === undefined) expected.delete(step.id);
      else expected.set(step.id, item);
      await world.apply(step);
    }
    next += 1;
    if (next === steps.length) release(disorder.flush());
    rounds?.at(next, next === steps.length);
  };

  const world = await makeWorld(plannedFaults(faults), onWrite);
  const rounds = relabelling && relabelRounds(relabelling, scenario.store, scenario.chunkSize, world);
  let advancing = Promise.resolve();
  const stream = memoryStream({
    name: STREAM,
    shards,
    onRead: () => (advancing = advancing.then(advance)),
    isOpen: () => next < steps.length,
    arrival: () => ARRIVAL,
  });
  const lambda = toyFunction(scenario, world);
  const settledBy = new Map<string, Invocation[]>();
  const mapping = mapStream(stream, {
    invoke: lambda.invoke,
    settings: { ...settings, reportBatchItemFailures: true, startingPosition: 'TRIM_HORIZON' },
    pace: { pollMs: 1, retryDelayMs: 0, maxRetryDelayMs: 0, readAheadRecords },
    onBatch: ({ requestId, done }) => {
      const invocation = lambda.invocations()[Number(requestId)];
      for (const number of invocation?.sequenceNumbers.slice(0, done) ?? [])
        settledBy.set(number, [...(settledBy.get(number) ?? []), ...(invocation ? [invocation] : [])]);
    },
  });
  const patience = new AbortController();
  const stuck = sleep(PATIENCE_MS, undefined, { signal: patience.signal }).then(() => {
    throw new Error(`stuck: after ${lambda.invocations().length} invocations the stream is not drained`);
  });
  stuck.catch(() => undefined);
  let beforeLast: readonly Item[] | undefined;
  const drained = async (): Promise<void> => {
    // A label write that arrives late is a change, too, and so is one of a relabel.
    do await Promise.race([mapping.drained(), stuck]);
    while ((await rounds?.settled()) || (await world.settled()));
    await Promise.race([mapping.drained(), stuck]);
  };
  try {
    await drained();
    if (rounds !== undefined) {
      beforeLast = await world.items('documents');
      await rounds.last();
      await drained();
    }
  } finally {
    patience.abort();
    await mapping.stop();
  }
  const most = records.size + faults.length + fates.length + (scenario.forwards?.length ?? 0);
  if (lambda.invocations().length > most)
    throw new Error(`${lambda.invocations().length} invocations where ${most} are enough`);
  return {
    world,
    expected,
    records,
    invocations: lambda.invocations(),
    settledBy,
    discarded: mapping.stats().recordsDiscarded,
    beforeLast,
    broken: [...broken, ...(rounds?.broken() ?? [])],
    events: await lambda.events(),
  };
};
