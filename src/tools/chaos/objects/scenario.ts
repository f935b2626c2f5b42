import fc from 'fast-check';
import type { QuestionInput } from '../../../tasks/question-answering.ts';
import { UNSCORABLE } from '../histories/toy-models.ts';

/** What happens to a call to the object store. */
export const CALL_FAULTS = [
  /** Nothing was done. */
  'refused',
  /** It was done, and the caller does not learn of it. */
  'answerLost',
  /** A body breaks off after its first bytes; another call is refused. */
  'cut',
  /** The caller gives up, and it is done later. */
  'late',
] as const;
export type CallFault = (typeof CALL_FAULTS)[number];

/** The fate of an invocation. */
export type ObjectFate =
  | { readonly kind: 'fine' }
  /** The environment ends after so many calls: its later ones are never made. */
  | { readonly kind: 'killed'; readonly afterCalls: number }
  /** Its time is up after so many calls. */
  | { readonly kind: 'outOfTime'; readonly afterCalls: number };

/** A kind of file: by its key's suffix. */
export const SUFFIXES = ['.jsonl', '.csv', '.txt', '.jsonl.gz', '.csv.gz'] as const;
export type Suffix = (typeof SUFFIXES)[number];

/** A line of an object: a text, or a question about a context. */
export type ObjectLine = string | QuestionInput;

/** What somebody does with an object. */
export type ObjectStep =
  | { readonly kind: 'put'; readonly name: number; readonly lines: readonly ObjectLine[] }
  | { readonly kind: 'delete'; readonly name: number };

/** A history of a few objects, and the faults during it, which end after some time. */
export interface ObjectScenario {
  /** The kind of each object. */
  readonly suffixes: readonly Suffix[];
  readonly steps: readonly ObjectStep[];
  /** For each event, the delays of its copies, in deliveries; later events come once, without delay. */
  readonly delays: readonly (readonly number[])[];
  /** Which of the messages that are due is delivered next. */
  readonly order: readonly number[];
  /** Invocations at a time. */
  readonly concurrency: number;
  readonly faults: readonly (CallFault | undefined)[];
  readonly fates: readonly ObjectFate[];
  /** Of the faults of the service itself. */
  readonly seed: number;
  readonly shardBytes: number;
  readonly chunkSize: number;
}

const text = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'where is my card', 'line\nbreak, "quoted"', 'café ☕') },
  { weight: 1, arbitrary: fc.constantFrom(UNSCORABLE, '', ' ') },
);

const line = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 1, arbitrary: fc.record({ question: text, context: text }) },
);

const name = fc.nat({ max: 2 });
const kind = <K extends string>(value: K) => fc.constant(value);

const step: fc.Arbitrary<ObjectStep> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: kind('put'), name, lines: fc.array(line, { maxLength: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('delete'), name }) },
);

const delay = fc.nat({ max: 8 });
const delays = fc.oneof(
  { weight: 5, arbitrary: fc.constant([0]) },
  { weight: 3, arbitrary: fc.tuple(delay) },
  { weight: 3, arbitrary: fc.tuple(delay, delay) },
  { weight: 1, arbitrary: fc.tuple(delay, delay, delay) },
);

const afterCalls = fc.nat({ max: 12 });
const fate: fc.Arbitrary<ObjectFate> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'fine' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('killed'), afterCalls }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('outOfTime'), afterCalls }) },
);

const fault = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom(...CALL_FAULTS) },
);

const many = { size: 'max' } as const;

/** Histories of all kinds, small ones first. */
export const objectScenarios = (): fc.Arbitrary<ObjectScenario> =>
  fc.record({
    suffixes: fc.tuple(
      fc.constantFrom(...SUFFIXES),
      fc.constantFrom(...SUFFIXES),
      fc.constantFrom(...SUFFIXES),
    ),
    steps: fc.array(step, { minLength: 1, maxLength: 6 }),
    delays: fc.array(delays, { maxLength: 12 }),
    order: fc.array(fc.nat({ max: 5 }), { maxLength: 40 }),
    concurrency: fc.integer({ min: 1, max: 3 }),
    faults: fc.oneof(fc.constant([]), fc.array(fault, { ...many, maxLength: 150 })),
    fates: fc.oneof(fc.constant([]), fc.array(fate, { ...many, maxLength: 20 })),
    seed: fc.nat(),
    shardBytes: fc.constantFrom(1, 20, 60, 200, 10_000),
    chunkSize: fc.integer({ min: 1, max: 5 }),
  });
