/** A job whose shards never end. */
import { join } from 'node:path';
import { workShards } from '../../src/jobs/pool.ts';

const never = new AbortController().signal;
await workShards([{ run: { id: 'deaf' } }, { run: { id: 'deaf' } }], {
  workers: 2,
  program: { file: join(import.meta.dirname, 'toy-worker.ts'), args: [], env: process.env },
  stop: never,
  abort: never,
  onResult: () => undefined,
  onTexts: () => console.log('begun'),
});
