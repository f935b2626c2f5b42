const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** Whether the lists and objects of a JSON text are nested deeper than so many levels; nothing of it is built. */
export const isDeeperThan = (json: string, levels: number): boolean => {
  let depth = 0;
  let isString = false;
  for (let index = 0; index < json.length; index += 1) {
    const code = json.charCodeAt(index);
    if (isString) {
      if (code === BACKSLASH) index += 1;
      else isString = code !== QUOTE;
    } else if (code === QUOTE) isString = true;
    else if (OPENING.has(code)) {
      depth += 1;
      if (depth > levels) return true;
    } else if (CLOSING.has(code)) depth -= 1;
  }
  return false;
};
