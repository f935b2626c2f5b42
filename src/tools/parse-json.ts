/** A JSON value, to be checked against a schema; undefined, which no schema accepts, where the source is not JSON. */
export const parseJson = (source: string): unknown => {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
};
