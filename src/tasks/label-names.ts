const HASH = '_hash';

const namesOf = (prefix: string) => {
  const label = prefix;
  const [score, model, hash, error] = [
    `${prefix}_score`,
    `${prefix}_model`,
    `${prefix}${HASH}`,
    `${prefix}_error`,
  ];
  const optional = {
    by: `${prefix}_by`,
    truncated: `${prefix}_truncated`,
    listed: `${prefix}_list`,
    /** Where an answer to a question is in its context. */
    start: `${prefix}_start`,
    end: `${prefix}_end`,
  };
  return {
    label,
    score,
    /** The model that answered, and the hash of the text that it answered for: a label or an error has both. */
    model,
    hash,
    /** The error code, instead of a label. */
    error,
    /** Those that every label has. */
    always: [label, score, model, hash] as readonly string[],
    /** Those of every answer and error, whatever the task. */
    common: [label, score, model, hash, error] as readonly string[],
    /** Those that every error has. */
    refusal: [error, model, hash] as readonly string[],
    /** Those of some labels only. */
    optional,
    all: [label, score, model, hash, error, ...Object.values(optional)] as readonly string[],
  };
};

export type LabelNames = ReturnType<typeof namesOf>;

/** An attribute of some labels only. */
export type OptionalName = keyof LabelNames['optional'];

/** The prefixes under which an item may have a label or error: those of its attributes that are named like a hash. */
export const prefixesOf = (item: object): readonly string[] =>
  Object.keys(item)
    .filter((name) => name.endsWith(HASH))
    .map((name) => name.slice(0, -HASH.length));

/** A cache, limited because prefixes from items' attributes are unlimited; those of the models are few. */
const known = new Map<string, LabelNames>();
const MOST_KNOWN = 1_000;

/**
 * The names of the attributes that make a label on an item: flat and top-level, so that an index can use them.
 *
 * @param prefix the model's `attribute`
 */
export const labelNames = (prefix: string): LabelNames => {
  const names = known.get(prefix) ?? namesOf(prefix);
  if (known.size < MOST_KNOWN) known.set(prefix, names);
  return names;
};
