/** Moves the halves of surrogate pairs behind all other units, where UTF-8 has the characters that they make. */
const rank = (unit: number): number => {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
};

/** The order of S3's lists: by the bytes of UTF-8, and not by the units of UTF-16 as `<` has it. */
export const byBytes = (one: string, other: string): number => {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    const [unit, opposite] = [one.charCodeAt(index), other.charCodeAt(index)];
    if (unit !== opposite) return rank(unit) - rank(opposite);
  }
  return one.length - other.length;
};
