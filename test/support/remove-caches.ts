import { rm } from 'node:fs/promises';
import { must } from '../../src/errors.ts';

/** After all tests. A process that ends writes what it has compiled, perhaps just now. */
export default (): Promise<void> =>
  rm(must(process.env.SLS_SCHEMA_CACHE_BASE_DIR, 'the folder of caches'), { recursive: true, maxRetries: 10 });
