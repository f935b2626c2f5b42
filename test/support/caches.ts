import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Before all tests: a folder for what processes started by tests compile, so that the next one need not, and which the
 * end of the tests removes (`remove-caches.ts`). Jest hands the environment on to its workers, they to their processes.
 */
export default async (): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'labelstream-tests-'));
  // Node's own: https://nodejs.org/api/module.html#module-compile-cache
  process.env.NODE_COMPILE_CACHE = join(folder, 'node');
  // The Serverless Framework's validator of `serverless.yml`, which takes a second to compile; else in the home folder.
  process.env.SLS_SCHEMA_CACHE_BASE_DIR = folder;
};
