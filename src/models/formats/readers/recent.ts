/**
 * A function of texts that remembers its results for those that it was last asked about.
 *
 * @param characters the most that the remembered texts have together; a longer one alone is remembered
 */
export const recent = <Result>(of: (text: string) => Result, characters: number) => {
  const known = new Map<string, Result>();
  let kept = 0;
  return (text: string): Result => {
    const result = known.get(text) ?? of(text);
    if (known.delete(text)) kept -= text.length;
    for (const oldest of known.keys()) {
      if (kept + text.length <= characters) break;
      known.delete(oldest);
      kept -= oldest.length;
    }
    known.set(text, result);
    kept += text.length;
    return result;
  };
};
