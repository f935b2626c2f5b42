/** A program: a run of which a copy fails while another part is read, and then the next attempt. Says what it saw. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { must, TransientError } from '../../src/errors.ts';
import { assemble } from '../../src/pipeline/objects/assemble.ts';
import { classifyShard } from '../../src/pipeline/objects/classify-shard.ts';
import type { ObjectStore } from '../../src/pipeline/objects/object-store.ts';
import { planShards, startRun } from '../../src/pipeline/objects/plan.ts';
import { memoryObjects } from '../../src/stores/objects/memory.ts';
import { keysIn, objectParts, outputOf, putObject } from './object-runs.ts';

/** Between the size of a line of output and that of two: the part of one line is read, that of two is copied. */
const LEAST_PART_BYTES = 100;

/** A store whose copies fail a while after they began, and whose reads of parts take longer than that. */
const failingCopies = (store: ObjectStore): ObjectStore => ({
  ...store,
  async *read(object, range) {
    if (object.key.startsWith('.parts/')) for (let turn = 0; turn < 10; turn += 1) await nextTurn();
    yield* store.read(object, range);
  },
  startUpload: async (name, options) => ({
    ...(await store.startUpload(name, options)),
    copy: async () => {
      await nextTurn();
      throw new TransientError('the copy failed');
    },
  }),
});

const store = memoryObjects(['in', 'out'], { leastPartBytes: LEAST_PART_BYTES });
const settings = { shardBytes: 4 };
const parts = objectParts({ store, settings });
// Shards of two lines and of one.
await putObject(parts, 'a.txt', 'a\nb\nccc\n');
const run = await startRun({ bucket: 'in', key: 'a.txt' }, parts);
const [first, last] = await planShards(run, parts);
await classifyShard(must(first, 'first shard'), parts);
const error: unknown = await classifyShard(
  must(last, 'last shard'),
  objectParts({ store: failingCopies(store), settings }),
).catch((thrown: unknown) => thrown);
const before = (await keysIn(parts, 'out')).filter((key) => !key.startsWith('.parts/'));
const manifest = await assemble(run, 2, parts);
const { output } = await outputOf(manifest, parts);
const { name, message } = error as Error;
console.log(
  JSON.stringify({
    ...{ error: { name, message }, before, manifest },
    output: must(output, 'output')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  }),
);
