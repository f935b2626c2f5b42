import { createContext, Script } from 'node:vm';

/** Something took longer than it may. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

const box = createContext({ work: undefined as unknown });
const script = new Script('work()');

/**
 * Does something that blocks this thread, a regular expression that backtracks for ever included, and ends it when it
 * takes too long. The watch over it takes a thread, which costs a tenth of a millisecond.
 *
 * @param work must leave nothing behind that is half done when it ends in the middle
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
