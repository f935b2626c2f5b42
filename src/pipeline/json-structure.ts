const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

export interface JsonLimits {
  /** How deep lists and objects may be nested. */
  readonly levels: number;
  /** How many values there may be, with the lists and objects around them. */
  readonly values: number;
}

/** Which limit a JSON text passes; undefined where it passes none. Nothing of it is built to find out. */
export const excessOf = (json: string, { levels, values }: JsonLimits): keyof JsonLimits | undefined => {
  let depth = 0;
  let count = 1;
  let isString = false;
  for (let index = 0; index < json.length; index += 1) {
    const code = json.charCodeAt(index);
    if (isString) {
      if (code === BACKSLASH) index += 1;
      else isString = code !== QUOTE;
    } else if (code === QUOTE) isString = true;
    else if (code === COMMA) count += 1;
    else if (OPENING.has(code)) {
      depth += 1;
      count += 1;
      if (depth > levels) return 'levels';
    } else if (CLOSING.has(code)) depth -= 1;
    if (count > values) return 'values';
  }
  return undefined;
};
