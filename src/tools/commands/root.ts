import { join } from 'node:path';

/** The project's folder, which has `serverless.yml`. */
export const ROOT = join(import.meta.dirname, '..', '..', '..');
