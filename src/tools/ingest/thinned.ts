/** A list in constant memory: of more than `most` entries, every second, fourth … is kept. */
export const thinned = <Entry>(most: number) => {
  let kept: { readonly index: number; readonly entry: Entry }[] = [];
  let stride = 1;
  let count = 0;
  return {
    add: (entry: Entry): void => {
      if (count % stride === 0) kept.push({ index: count, entry });
      count += 1;
      if (kept.length <= most) return;
      stride *= 2;
      kept = kept.filter(({ index }) => index % stride === 0);
    },
    /** With the number of each, from 0. */
    entries: (): readonly { readonly index: number; readonly entry: Entry }[] => kept,
  };
};
