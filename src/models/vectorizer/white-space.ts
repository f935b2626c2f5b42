/** Python's white space, which differs a little from JavaScript's. */
const CLASS = String.raw`[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;
const RUNS = new RegExp(`${CLASS}{2,}`, 'g');
const ANY = new RegExp(`${CLASS}+`);

/** Runs of two or more white-space characters as one space, `\s\s+` → ` `, as scikit-learn's analyser does. */
export const foldWhiteSpace = (text: string): string => text.replace(RUNS, ' ');

/** The parts between white space, like Python's `str.split()`. */
export const wordsOf = (text: string): readonly string[] => text.split(ANY).filter((word) => word !== '');
