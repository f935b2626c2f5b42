/** The label stores that there are, by the names of their files: what `LABEL_STORE` and `--store` may say. */
export const LABEL_STORES = ['partiql', 'update-item', 'labels-table'] as const;

export type LabelStoreName = (typeof LABEL_STORES)[number];

/** Those that the embedded DynamoDB can serve: it has no PartiQL. */
export const EMBEDDED_LABEL_STORES: readonly LabelStoreName[] = LABEL_STORES.filter(
  (name) => name !== 'partiql',
);
