import { hash } from 'node:crypto';

/** Hexadecimal. */
export const sha256 = (text: string): string => hash('sha256', text, 'hex');

/** The hash of a text as stored: its sha256; for a pair that of the JSON `[text, pair]`. */
export const contentHash = (stored: string, storedPair?: string): string =>
  sha256(storedPair === undefined ? stored : JSON.stringify([stored, storedPair]));
