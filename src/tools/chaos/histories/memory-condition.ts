import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { valueAt } from '../../../dynamodb-json/attribute-path.ts';
import { type AttributeMap, typeOf } from '../../../dynamodb-json/attributes.ts';
import type { Item } from '../../../stores/dynamodb/batch-write.ts';

/** Resolves the names and values that an expression refers to. */
export interface References {
  /** The attribute of `#name`, `name` or `"name"`. */
  name(token: string): string;
  /** The value of `:value`, or of the next `?`. */
  value(token: string): AttributeValue | undefined;
}

const NAME = '(?:"(?:[^"]|"")*"|#?\\w+)';
/** Paths, operators and placeholders of values. */
const TOKENS = new RegExp(`${NAME}(?:\\.${NAME}|\\[\\d+\\])*|<>|=|[()?,]|:\\w+`, 'g');
const SEGMENTS = new RegExp(`\\[(\\d+)\\]|(${NAME})`, 'g');

const same = (one: AttributeValue | undefined, other: AttributeValue | undefined): boolean =>
  one !== undefined && other !== undefined && JSON.stringify(one) === JSON.stringify(other);

/**
 * Whether an item meets a condition, of an expression or of PartiQL's `WHERE`: `=`, `<>`, `IS [NOT] MISSING`,
 * `attribute_exists`, `attribute_not_exists`, `attribute_type`, `NOT`, `AND`, `OR` and parentheses, on attributes and on
 * paths within them. A comparison with a missing attribute is false.
 *
 * @param onEqual receives every `name = value`, in their order
 * @throws Error for anything else: no answer is better than a wrong one
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
export const meets = (
  condition: string,
  item: Item | undefined,
  { name, value }: References,
  onEqual: (name: string, value: AttributeValue | undefined) => void = () => undefined,
): boolean => {
  const tokens = condition.match(TOKENS) ?? [];
  let at = 0;
  const next = (): string => tokens[at++] ?? '';
  const accept = (token: string): boolean => {
    if (tokens[at]?.toUpperCase() !== token) return false;
    at += 1;
    return true;
  };
  const expect = (token: string): void => {
    if (!accept(token)) throw new Error(`${condition}: expected ${token} instead of ${next()}`);
  };
  // Both sides are always evaluated: each `?` takes its value in turn.
  const either = (): boolean => {
    let result = both();
    while (accept('OR')) result = both() || result;
    return result;
  };
  const both = (): boolean => {
    let result = one();
    while (accept('AND')) result = one() && result;
    return result;
  };
  const inParentheses = <T>(read: () => T): T => {
    expect('(');
    const result = read();
    expect(')');
    return result;
  };
  const valueOf = (path: string): AttributeValue | undefined => {
    const segments = [...path.matchAll(SEGMENTS)].map(([, index, token]) =>
      token === undefined ? Number(index) : name(token),
    );
    return valueAt((item ?? {}) as unknown as AttributeMap, segments) as AttributeValue | undefined;
  };
  const isThere = (): boolean => valueOf(next()) !== undefined;
  const isOfType = (): boolean => {
    const current = valueOf(next());
    expect(',');
    const type = value(next())?.S;
    return typeOf(current) === type;
  };
  const one = (): boolean => {
    if (accept('NOT')) return !one();
    if (tokens[at] === '(') return inParentheses(either);
    if (accept('ATTRIBUTE_EXISTS')) return inParentheses(isThere);
    if (accept('ATTRIBUTE_NOT_EXISTS')) return !inParentheses(isThere);
    if (accept('ATTRIBUTE_TYPE')) return inParentheses(isOfType);
    const attribute = next();
    if (accept('IS')) {
      const negated = accept('NOT');
      expect('MISSING');
      return (valueOf(attribute) === undefined) !== negated;
    }
    const operator = next();
    if (operator !== '=' && operator !== '<>') throw new Error(`${condition}: ${operator} is not known here`);
    const expected = value(next());
    if (operator === '=') onEqual(name(attribute), expected);
    const current = valueOf(attribute);
    return operator === '=' ? same(current, expected) : current !== undefined && !same(current, expected);
  };
  const result = either();
  if (at < tokens.length) throw new Error(`${condition}: cannot be read from ${tokens[at]} on`);
  return result;
};
