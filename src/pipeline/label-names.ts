/**
 * The names of the attributes that make a label on an item: flat and top-level, so that an index can use them.
 *
 * @param prefix the model's `attribute`
 */
export const labelNames = (prefix: string) => {
  const names = {
    label: prefix,
    score: `${prefix}_score`,
    model: `${prefix}_model`,
    hash: `${prefix}_hash`,
  };
  return {
    ...names,
    /** Those that every label has. */
    always: Object.values(names) as readonly string[],
    /** Those of some labels only. */
    optional: { by: `${prefix}_by`, truncated: `${prefix}_truncated`, listed: `${prefix}_list` },
  };
};
