import type { Fault, NextFault } from '../faults.ts';

export interface OutageOptions {
  /** The duration of the outage; 0 for none. */
  readonly seconds: number;
  /** Whether the outage should begin. */
  readonly hasCome: () => boolean;
  readonly now?: () => number;
}

/** How long Kinesis is unavailable, if the outage is longer. */
const KINESIS_SECONDS = 10;

/** The faults of an outage in turn: an error of the service, a broken connection. */
const OUTAGE: readonly Fault[] = ['internal', 'dropped'];

/** An outage of both services: while it lasts, all calls to DynamoDB fail, at first also those to Kinesis. */
export const createOutage = ({ seconds, hasCome, now = () => performance.now() }: OutageOptions) => {
  let from: number | undefined;
  let calls = 0;
  const during = (length: number, next: NextFault): NextFault => {
    return (operation) => {
      if (seconds > 0 && from === undefined && hasCome()) from = now();
      if (from === undefined || now() - from >= length * 1_000) return next(operation);
      calls += 1;
      return OUTAGE[calls % OUTAGE.length];
    };
  };
  return {
    dynamodb: (next: NextFault): NextFault => during(seconds, next),
    kinesis: (next: NextFault): NextFault => during(Math.min(seconds, KINESIS_SECONDS), next),
  };
};
