import type * as z from 'zod';
import { type Fault, MAX_FAULTS, placed, Problem } from './problem.ts';

/**
 * A value by its schema.
 *
 * @param pointer to it in the request
 * @throws Problem (422) that lists what is wrong in it and where, and quotes nothing
 */
export const checked = <Value>(schema: z.ZodType<Value>, value: unknown, pointer = ''): Value => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.slice(0, MAX_FAULTS).map((issue) => faultOf(issue, pointer));
  const detail = faults.map(placed).join('; ');
  throw new Problem('Validation', detail, { faults });
};

const faultOf = (issue: z.core.$ZodIssue, pointer: string): Fault => ({
  pointer: `${pointer}${issue.path.map((key) => `/${escaped(String(key))}`).join('')}`,
  // Of an unknown field its name, which is the client's, and may be long.
  detail: issue.message.slice(0, MAX_DETAIL),
});

const MAX_DETAIL = 300;

/** As JSON pointers have it (RFC 6901). */
const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
