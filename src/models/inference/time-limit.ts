import { createContext, Script } from 'node:vm';

/** The time limit was exceeded. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

const box = createContext({ work: undefined as unknown });
const script = new Script('work()');

/**
 * Runs work that blocks this thread, such as a regular expression that backtracks for ever, and terminates it at the
 * time limit. The watchdog is a thread, which costs a tenth of a millisecond.
 *
 * @param work must leave nothing half done when it is terminated
 * @throws TimeLimitError
 * @see https://nodejs.org/api/vm.html#scriptrunincontextcontextifiedobject-options
 */
export const withinTime = <Result>(limitMs: number, work: () => Result): Result => {
  box.work = work;
  try {
    return script.runInContext(box, { timeout: limitMs }) as Result;
  } catch (cause) {
    const { code } = Object(cause) as { readonly code?: unknown };
    if (code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw cause;
    throw new TimeLimitError(`it took longer than ${limitMs} ms`, { cause });
  } finally {
    box.work = undefined;
  }
};
