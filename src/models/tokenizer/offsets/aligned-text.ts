/** A text made from a source, each of whose characters stands for some of the source's. */
export interface AlignedText {
  readonly text: string;
  /** The index in the source (UTF-16 code units) of the first character that the unit at `index` stands for. */
  startOf(index: number): number;
  /** The index after the last one. */
  endOf(index: number): number;
}

/** A character (code point) and the part of the source that it stands for. */
export interface AlignedCharacter {
  readonly character: string;
  readonly start: number;
  readonly end: number;
}

/** A step of normalization, on characters that are next to each other. */
export type Step = (characters: readonly AlignedCharacter[]) => readonly AlignedCharacter[];

const runs = /[ -~]+|[^ -~]+/g;
const isPlain = (text: string): boolean => /^[ -~]*$/.test(text);

/**
 * Aligns what steps make of a text with the text.
 *
 * @param steps they leave printable ASCII as it is, and other characters not be changed by it
 * @param mapPlain what becomes of a text of printable ASCII; the same length
 */
export const aligner =
  (steps: readonly Step[], mapPlain: (text: string) => string) =>
  (source: string): AlignedText => {
    if (isPlain(source))
      return { text: mapPlain(source), startOf: (index) => index, endOf: (index) => index + 1 };
    const starts: number[] = [];
    const ends: number[] = [];
    let text = '';
    for (const { 0: run, index } of source.matchAll(runs)) {
      if (isPlain(run)) {
        text += mapPlain(run);
        for (let place = index; place < index + run.length; place += 1) {
          starts.push(place);
          ends.push(place + 1);
        }
        continue;
      }
      const characters = steps.reduce((all, step) => step(all), charactersOf(run, index));
      for (const { character, start, end } of characters) {
        text += character;
        for (let unit = 0; unit < character.length; unit += 1) {
          starts.push(start);
          ends.push(end);
        }
      }
    }
    return { text, startOf: (index) => starts[index] ?? NaN, endOf: (index) => ends[index] ?? NaN };
  };

/** @param start the index of the text in the source */
const charactersOf = (text: string, start: number): readonly AlignedCharacter[] => {
  let end = start;
  return Array.from(text, (character) => {
    const from = end;
    end += character.length;
    return { character, start: from, end };
  });
};
