/**
 * SQuAD's comparison form of an answer: lower case, without punctuation, articles and surplus white space.
 *
 * @see https://github.com/rajpurkar/SQuAD-explorer (evaluate-v1.1.py)
 */
const normalized = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .replaceAll(/[!-/:-@[-`{-~]/g, '')
    .replaceAll(/\b(a|an|the)\b/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');

const overlap = (said: readonly string[], expected: readonly string[]): number => {
  const left = [...expected];
  const common = said.filter((word) => {
    const place = left.indexOf(word);
    if (place >= 0) left.splice(place, 1);
    return place >= 0;
  }).length;
  return common === 0 ? 0 : (2 * common) / (said.length + expected.length);
};

/** Exact match and F1 of an answer, from 0 to 1: the best over the references. */
export const measureAnswer = (
  answer: string,
  references: readonly string[],
): { readonly exactMatch: number; readonly f1: number } => {
  const said = normalized(answer);
  const expected = references.map(normalized);
  return {
    exactMatch: expected.some((words) => words.join(' ') === said.join(' ')) ? 1 : 0,
    f1: Math.max(...expected.map((words) => overlap(said, words))),
  };
};
