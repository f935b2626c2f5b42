import fc from 'fast-check';
import { type Fault, FAULTS } from '../faults.ts';
import type { HistoryStep, Stamp } from './history.ts';
import { LABEL_STORES, type LabelStoreName } from '../../../stores/label-stores.ts';
import { ITEM_POISON, RECORD_POISON } from '../poison.ts';
import { UNSCORABLE, VERSIONS } from './toy-models.ts';
import { type Where, WHERE } from '../../../pipeline/relabel/survey.ts';

/** The fate of an invocation. */
export type Fate =
  | { readonly kind: 'fine' }
  /** The environment fails before it begins. */
  | { readonly kind: 'crash' }
  /** The environment ends after this number of calls to AWS: killed, or out of memory, or timed out. */
  | { readonly kind: 'killed'; readonly afterCalls: number }
  /** Its time is up after this number of calls; it can still answer. */
  | { readonly kind: 'outOfTime'; readonly afterCalls: number };

/** A history of a few items, and the faults during it, which end after some time. */
export interface Scenario {
  readonly store: LabelStoreName;
  readonly steps: readonly HistoryStep[];
  /** For each record of the stream, the delays of its copies, in records; later records come once, without delay. */
  readonly delays: readonly (readonly number[])[];
  /** The fault of each call of the function to DynamoDB. */
  readonly faults: readonly (Fault | undefined)[];
  /** The fault of each call that forwards labels; undefined where they are not forwarded. */
  readonly forwards: readonly (Fault | undefined)[] | undefined;
  readonly fates: readonly Fate[];
  readonly mapping: {
    readonly shards: number;
    readonly batchSize: number;
    readonly parallelizationFactor: number;
    readonly bisectBatchOnFunctionError: boolean;
    /** How far the stream is read, and the history goes on, ahead of the function. */
    readonly readAheadRecords: number;
  };
  readonly chunkSize: number;
  /** Changes of one item have partition keys of their own, and may be delivered at the same time. */
  readonly scatter: boolean;
  /** Label writes come back through the stream, as in the native fan-out; the fan-out function leaves them out. */
  readonly echoes: boolean;
  /** For each change record of the stream, the precision of its time; for later ones microseconds. */
  readonly stamps: readonly Stamp[];
  /** Relabelling meanwhile. */
  readonly relabelling?: Relabelling | undefined;
}

/** One run of a relabel, which may be killed: another begins anew. */
export interface RelabelRound {
  /** The step of the history at which it begins. */
  readonly from: number;
  /** Steps between reading the table, as of an export, and labelling; 0: it reads page by page. */
  readonly wait: number;
  readonly pageSize: number;
  /** Calls to DynamoDB after which it is killed. */
  readonly killedAfterCalls: number | undefined;
}

/** Relabelling while a history goes on. */
export interface Relabelling {
  /** The version, as compared with that of the stream's function. */
  readonly version: keyof typeof VERSIONS;
  readonly where: Where;
  readonly rounds: readonly RelabelRound[];
  /** The fault of each of its calls to DynamoDB. */
  readonly faults: readonly (Fault | undefined)[];
}

const id = fc.constantFrom('x', 'y', 'z');
const text = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'c') },
  { weight: 1, arbitrary: fc.constantFrom(UNSCORABLE, '', 'café ☕') },
);

/** The text of an item according to another producer: mostly an older one. */
const textValue: fc.Arbitrary<string | number | undefined> = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 1, arbitrary: fc.constantFrom(undefined, 5) },
);

/** Models of one prefix and of two, and of another task, so that a label has to be replaced by that of another model. */
const models = fc.constantFrom('toy', 'rival', 'tone', 'toy,tone', 'tone,rival', 'reader', 'reader,tone');

const kind = <K extends string>(name: K) => fc.constant(name);

const step: fc.Arbitrary<HistoryStep> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: kind('put'), id, text }) },
  { weight: 6, arbitrary: fc.record({ kind: kind('edit'), id, text }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('ask'), id, question: text, context: text }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('reask'), id, question: text }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('route'), id, models }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('delete'), id }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('untext'), id }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('unlabel'), id }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('forge'), id, text }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('spoil'), id, how: oneOf(ITEM_POISON) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('noise'), how: oneOf(RECORD_POISON) }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('plain'), id, text: textValue }) },
);

function oneOf<K extends string>(record: Readonly<Record<K, unknown>>): fc.Arbitrary<K> {
  return fc.constantFrom(...(Object.keys(record) as K[]));
}

const delay = fc.nat({ max: 12 });
const delays = fc.oneof(
  { weight: 5, arbitrary: fc.constant([0]) },
  { weight: 3, arbitrary: fc.tuple(delay) },
  { weight: 2, arbitrary: fc.tuple(delay, delay) },
  { weight: 1, arbitrary: fc.tuple(delay, delay, delay) },
);

const afterCalls = fc.nat({ max: 6 });
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'fine' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('killed'), afterCalls }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('outOfTime'), afterCalls }) },
);

const fault = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.constantFrom(...FAULTS) },
);

const forwardFaults = fc.array(fault, { maxLength: 20, size: 'max' });

const FORWARDS: Readonly<Record<'always' | 'sometimes' | 'never', fc.Arbitrary<Scenario['forwards']>>> = {
  always: forwardFaults,
  sometimes: fc.option(forwardFaults, { nil: undefined }),
  never: fc.constant(undefined),
};

const stamp = fc.oneof(
  { weight: 3, arbitrary: fc.constant('MICROSECOND' as const) },
  { weight: 3, arbitrary: fc.constantFrom<Stamp>('MILLISECOND', 'SECOND', 'none', 'future', 'past') },
);
/** For a stream of one kind, or with records of different kinds. */
const stamps = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(fc.constant<Stamp>('MILLISECOND'), { maxLength: 60, size: 'max' }) },
  { weight: 3, arbitrary: fc.array(stamp, { maxLength: 60, size: 'max' }) },
);

const round: fc.Arbitrary<RelabelRound> = fc.record({
  from: fc.nat({ max: 20 }),
  wait: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat({ max: 12 }) }),
  pageSize: fc.integer({ min: 1, max: 3 }),
  killedAfterCalls: fc.option(afterCalls, { nil: undefined, freq: 3 }),
});
const relabelling: fc.Arbitrary<Relabelling> = fc.record({
  version: fc.constantFrom(...(Object.keys(VERSIONS) as (keyof typeof VERSIONS)[])),
  where: fc.constantFrom(...WHERE),
  rounds: fc.array(round, { minLength: 1, maxLength: 4, size: 'max' }),
  faults: fc.array(fault, { maxLength: 20, size: 'max' }),
});

export interface ScenarioKinds {
  /** Whether labels are forwarded. */
  readonly forwards?: keyof typeof FORWARDS;
  readonly stores?: readonly LabelStoreName[];
  /** Whether the order of two changes may be unknown: by a coarse, an impossible or a missing time. */
  readonly ties?: boolean;
  /** Whether the table is relabelled meanwhile; what a relabel writes is not forwarded. */
  readonly relabel?: boolean;
}

/** Scenarios of all kinds, small ones first. */
export const scenarios = ({
  stores = LABEL_STORES,
  ties = true,
  relabel = false,
  forwards = 'sometimes',
}: ScenarioKinds = {}): fc.Arbitrary<Scenario> =>
  fc.record({
    store: fc.constantFrom(...stores),
    steps: fc.array(step, { minLength: 1, maxLength: 24, size: 'max' }),
    delays: fc.array(delays, { maxLength: 40, size: 'max' }),
    faults: fc.array(fault, { maxLength: 40, size: 'max' }),
    forwards: relabel ? FORWARDS.never : FORWARDS[forwards],
    fates: fc.array(fate, { maxLength: 12, size: 'max' }),
    mapping: fc.record({
      shards: fc.integer({ min: 1, max: 2 }),
      batchSize: fc.integer({ min: 1, max: 8 }),
      parallelizationFactor: fc.integer({ min: 1, max: 3 }),
      bisectBatchOnFunctionError: fc.boolean(),
      readAheadRecords: fc.integer({ min: 1, max: 30 }),
    }),
    chunkSize: fc.integer({ min: 1, max: 5 }),
    scatter: fc.boolean(),
    echoes: fc.boolean(),
    stamps: ties ? stamps : fc.constant([]),
    relabelling: relabel ? relabelling : fc.constant(undefined),
  });
