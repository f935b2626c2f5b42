import { rm } from 'node:fs/promises';
import { must } from '../../src/errors.ts';

/** After all tests. */
export default (): Promise<void> =>
  rm(must(process.env.SLS_SCHEMA_CACHE_BASE_DIR, 'the folder of caches'), {
    ...{ recursive: true, force: true },
    // A process that was ended may still write.
    maxRetries: 10,
  });
