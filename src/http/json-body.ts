import { excessOf } from '../pipeline/json-structure.ts';
import { Problem } from './problem.ts';

/** No request of a client is nested deeper. */
const LEVELS = 32;

/**
 * JSON text → value. `JSON.parse` makes properties of its own of keys like `__proto__`; what reads the value must not
 * assign them to another object by name.
 *
 * @param values the most values, because each takes far more memory than its text
 * @throws Problem (400) that does not quote the text
 */
export const parseJson = (text: string, values: number): unknown => {
  const excess = text.length > LEVELS ? excessOf(text, { levels: LEVELS, values }) : undefined;
  if (excess === 'levels') throw new Problem('BadRequest', `the JSON is nested deeper than ${LEVELS} levels`);
  if (excess === 'values') throw new Problem('BadRequest', `the JSON has more than ${values} values`);
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem('BadRequest', text.trim() === '' ? 'the body is empty' : 'the body is not JSON');
  }
};
