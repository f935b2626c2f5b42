import { backOffMs, pause } from './pause.ts';

export interface PersistentlyOptions {
  /** Ends the attempts: then the last error is thrown. */
  readonly abortSignal?: AbortSignal;
  /** How long it may fail in a row, in ms. */
  readonly patienceMs?: number;
}

const NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN)/;
const THROTTLED =
  /^(ProvisionedThroughputExceeded|LimitExceeded|KMSThrottling|Throttling|RequestLimitExceeded|Timeout)/;

/** Whether a call to AWS may succeed later: throttled, a network error, or an error of the service. */
export const isPassing = (error: unknown): boolean => {
  const { name, code, cause, $fault } = Object(error) as {
    readonly name?: string;
    readonly code?: string;
    readonly cause?: unknown;
    readonly $fault?: string;
  };
  if ($fault === 'server' || NETWORK.test(code ?? '') || THROTTLED.test(name ?? '')) return true;
  return cause !== undefined && isPassing(cause);
};

/**
 * Retries something until it succeeds, with pauses of up to two seconds: for temporary errors that outlast the SDK's
 * own retries.
 *
 * @throws permanent errors, and temporary ones after two minutes
 */
export const persistently = async <Result>(
  work: () => Promise<Result>,
  { abortSignal = new AbortController().signal, patienceMs = 120_000 }: PersistentlyOptions = {},
): Promise<Result> => {
  const until = performance.now() + patienceMs;
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      if (abortSignal.aborted || !isPassing(error) || performance.now() > until) throw error;
      await pause(backOffMs(failures, 50, 2_000), abortSignal);
    }
  }
};
