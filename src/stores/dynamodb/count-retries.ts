import type { CallOptions } from '../../pipeline/destinations.ts';

/** Tells how often the SDK tried a call again: of its answer, or of the error that it ended in. */
export const countRetries = (ended: unknown, { onRetry }: CallOptions): void => {
  const { $metadata } = (ended ?? {}) as { readonly $metadata?: { readonly attempts?: number } };
  const retries = ($metadata?.attempts ?? 1) - 1;
  if (retries > 0) onRetry?.(retries);
};
