import type { Section } from './section.ts';

/** A command's report as JSON: the sections that a terminal shows, and other values beside them. */
export const reportJson = (sections: readonly Section[], values: object = {}): string =>
  JSON.stringify({ ...values, sections }, null, 2);
