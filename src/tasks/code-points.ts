/**
 * How many Unicode code points a text has, or its first `length` code units have. Without an array of them, which takes
 * many times the memory of the text.
 */
export const codePoints = (text: string, length = text.length): number => {
  let count = 0;
  for (let index = 0; index < length; count += 1) index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  return count;
};
