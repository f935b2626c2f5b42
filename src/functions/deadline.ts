import type { Context } from 'aws-lambda';
import type { Deadline } from '../pipeline/deadline.ts';

/** The deadline of a Lambda invocation. */
export const deadlineOf = (context: Context): Deadline => {
  const remainingMs = () => context.getRemainingTimeInMillis();
  return { remainingMs, signal: (marginMs) => AbortSignal.timeout(Math.max(0, remainingMs() - marginMs)) };
};
