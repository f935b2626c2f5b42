/**
 * A value whose absence is a fault, not data.
 *
 * @param what it is, such as `Version of PublishVersion`
 * @throws Error that says what is missing
 */
export const must = <Value>(value: Value | null | undefined, what: string): Value => {
  if (value === undefined || value === null) throw new Error(`${what} is missing`);
  return value;
};
