/** What follows from a value, made again only where that is another one. */
export const derived = <Value, Result>(read: () => Value, make: (value: Value) => Result): (() => Result) => {
  let made: { readonly of: Value; readonly result: Result } | undefined;
  return () => {
    const value = read();
    if (made === undefined || made.of !== value) made = { of: value, result: make(value) };
    return made.result;
  };
};
