import { seededRandom } from '../random.ts';

/** The faults of any call to AWS. */
const OF_ANY_CALL = [
  /** 400 with a throttling error; nothing was done. */
  'throttled',
  /** 500; nothing was done. */
  'internal',
  /** The connection breaks before the service gets the request. */
  'dropped',
  /** The connection breaks after the service did its work: the caller does not know. */
  'droppedAfter',
  /** The connection breaks immediately, and the service executes the call later. */
  'late',
  /** The answer is delayed. */
  'delayed',
] as const;

/** The faults of a part of a call. */
const OF_BATCHES = [
  /** `UnprocessedItems` of BatchWriteItem, or entries of PutRecords with an `ErrorCode`. */
  'unprocessed',
  /** A throttled statement among those of BatchExecuteStatement. */
  'statement',
] as const;

export const FAULTS = [...OF_ANY_CALL, ...OF_BATCHES];
export type Fault = (typeof FAULTS)[number];

/** Decides about a call, by the name of its operation (`UpdateItem`), before it is made. */
export type NextFault = (operation: string) => Fault | undefined;

/** Faults per call, from 0 to 1. */
export type FaultRates = Readonly<Partial<Record<Fault, number>>>;

const BATCHES: Readonly<Record<string, Fault>> = {
  BatchWriteItem: 'unprocessed',
  PutRecords: 'unprocessed',
  BatchExecuteStatement: 'statement',
};

/** Whether a fault is possible for an operation. */
export const applies = (fault: Fault, operation: string): boolean =>
  OF_ANY_CALL.some((kind) => kind === fault) || BATCHES[operation] === fault;

/** Random faults; the same seed gives the same faults for the same sequence of operations. */
export const randomFaults = (seed: number, rates: FaultRates): NextFault => {
  const random = seededRandom(seed);
  return (operation) => {
    let point = random();
    return FAULTS.find((fault) => {
      if (!applies(fault, operation)) return false;
      point -= rates[fault] ?? 0;
      return point < 0;
    });
  };
};

/** The faults of a list, one per call; after that no faults. */
export const plannedFaults = (plan: readonly (Fault | undefined)[]): NextFault => {
  let calls = 0;
  return (operation) => {
    const fault = plan[calls];
    calls += 1;
    return fault !== undefined && applies(fault, operation) ? fault : undefined;
  };
};

export type FaultCounts = Readonly<Record<Fault, number>>;

/** Counts what a source of faults decides. */
export const countedFaults = (next: NextFault): { readonly next: NextFault; counts(): FaultCounts } => {
  const counts = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;
  return {
    next: (operation) => {
      const fault = next(operation);
      if (fault !== undefined) counts[fault] += 1;
      return fault;
    },
    counts: () => ({ ...counts }),
  };
};
