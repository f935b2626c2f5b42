/** Tests the leaves of a record's field: one entry of a filter pattern's list. */
export type FilterRule = (leaves: readonly Leaf[]) => boolean;

export type Leaf = string | number | boolean | null;

export const isLeaf = (value: unknown): value is Leaf =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

type Operator = (operand: unknown) => FilterRule | undefined;

/** Each returns undefined for an operand that AWS or this subset does not support. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  exists: (wanted) => (typeof wanted === 'boolean' ? (leaves) => leaves.length > 0 === wanted : undefined),
  prefix: (prefix) =>
    typeof prefix === 'string'
      ? (leaves) => leaves.some((leaf) => typeof leaf === 'string' && leaf.startsWith(prefix))
      : undefined,
  // A missing field is not "anything but": the rule needs a value to test.
  'anything-but': (operand) => {
    const unwanted: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
    const literal = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number';
    if (unwanted.length === 0 || !unwanted.every((value) => literal(value))) return undefined;
    return (leaves) => leaves.some((leaf) => !unwanted.includes(leaf));
  },
};

/**
 * Reads one entry of a pattern's list: a literal, `{exists}`, `{prefix}` or `{anything-but}`.
 *
 * @returns undefined for rules that are not in this subset
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
 */
export const filterRule = (entry: unknown): FilterRule | undefined => {
  if (isLeaf(entry)) return (leaves) => leaves.includes(entry);
  if (typeof entry !== 'object' || Array.isArray(entry)) return undefined;
  const [operator, ...others] = Object.entries(entry);
  if (operator === undefined || others.length > 0) return undefined;
  const [name, operand] = operator;
  return Object.hasOwn(OPERATORS, name) ? OPERATORS[name]?.(operand) : undefined;
};
