/** A JSON value, to be checked against a schema; undefined, which no schema takes, where the source is none. */
export const parseJson = (source: string): unknown => {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
};
