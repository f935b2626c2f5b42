import { join } from 'node:path';

/** The project's folder: that of `serverless.yml`. */
export const ROOT = join(import.meta.dirname, '..', '..', '..');
