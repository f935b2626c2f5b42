/** `a, b` → its names; none for an empty text. */
export const parseNames = (list: string): readonly string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** `team=x,cost-center=y` → names and values; a value may be empty or, where there is no `=`, is undefined. */
export const parsePairs = (list: string): readonly (readonly [name: string, value: string | undefined])[] =>
  parseNames(list).map((pair) => {
    const at = pair.indexOf('=');
    return at < 0 ? [pair, undefined] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
  });
