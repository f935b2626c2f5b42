/** All label stores, by the names of their files: the values of `LABEL_STORE` and `--store`. */
export const LABEL_STORES = ['partiql', 'update-item', 'labels-table'] as const;

export type LabelStoreName = (typeof LABEL_STORES)[number];

/** The stores that work with the embedded DynamoDB, which has no PartiQL. */
export const EMBEDDED_LABEL_STORES: readonly LabelStoreName[] = LABEL_STORES.filter(
  (name) => name !== 'partiql',
);
