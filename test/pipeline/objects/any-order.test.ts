import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { must } from '../../../src/errors.ts';
import { classifyShard } from '../../../src/pipeline/objects/classify-shard.ts';
import { finishedRun } from '../../../src/pipeline/objects/manifest.ts';
import { planShards, startRun } from '../../../src/pipeline/objects/plan.ts';
import { memoryObjects } from '../../../src/stores/objects/memory.ts';
import { faultyObjects } from '../../support/faulty-objects.ts';
import { keysIn, objectParts, outputOf, putObject, runObject } from '../../support/object-runs.ts';

/** Texts with all that is special to a format. */
const text = fc
  .array(
    fc.constantFrom(
      'a',
      'bc',
      ' ',
      ',',
      ';',
      '"',
      '""',
      '\n',
      '\r\n',
      '\t',
      'é',
      '\u2028',
      '\u{1F600}',
      '\0',
      '{',
      '}',
      '\uFEFF',
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;

const objects: Readonly<Record<string, fc.Arbitrary<string | Uint8Array>>> = {
  'a.jsonl': fc
    .array(
      fc.oneof(
        fc.record({ text, id: fc.option(text, { nil: undefined }) }).map((line) => JSON.stringify(line)),
        fc.constantFrom('', '{', '[]', '{"text":1}', '{"text":"a"}\r', '{"text":"a","model_type":"refuses"}'),
        fc.integer({ min: 1, max: 300 }).map((length) => JSON.stringify({ text: 'x'.repeat(length) })),
      ),
      { minLength: 1 },
    )
    .map((lines) => lines.join('\n')),
  'a.txt': fc.array(text, { minLength: 1 }).map((lines) => `${lines.join('\n')}x`),
  'a.csv': fc
    .array(fc.tuple(text, text), { minLength: 1 })
    .map((rows) => `id,text\n${rows.map((row) => row.map(quoted).join(',')).join('\n')}`),
  'b.csv': fc.array(text).map((lines) => `text;x\r\n${lines.join(';')}`),
  'a.txt.gz': fc.array(text, { minLength: 1 }).map((lines) => gzipSync(`${lines.join('\n')}x`)),
  'cut.txt.gz': fc
    .tuple(
      fc.array(text, { minLength: 1, maxLength: 300, size: 'large' }),
      fc.double({ min: 0.3, max: 0.99, noNaN: true }),
    )
    .map(([lines, part]) => {
      const whole = gzipSync(`${lines.join('\n')}x`);
      return whole.subarray(0, Math.max(11, Math.floor(whole.length * part)));
    }),
  'a.parquet': fc
    .tuple(fc.array(fc.option(text), { minLength: 1 }), fc.integer({ min: 1, max: 5 }))
    .map(([texts, rowGroupSize]) =>
      Buffer.from(
        parquetWriteBuffer({
          columnData: [
            { name: 'text', data: texts, type: 'STRING' },
            { name: 'at', data: texts.map((_, row) => new Date(row)), type: 'TIMESTAMP' },
          ],
          rowGroupSize,
        }),
      ),
    ),
};

/** What may happen to the shards of a run: each entry is worked next, some together with the one before. */
const history = fc.record({
  shardBytes: fc.integer({ min: 1, max: 400 }),
  chunkSize: fc.integer({ min: 1, max: 20 }),
  join: fc.boolean(),
  order: fc.array(fc.nat(), { maxLength: 30 }),
  rate: fc.constantFrom(0, 0.02, 0.2),
  random: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })),
});

describe.each(Object.entries(objects))('%s', (key, content) => {
  test('any shards, in any order, again and again, broken off anywhere, give the output of one quiet run', async () => {
    await fc.assert(
      fc.asyncProperty(
        content,
        history,
        async (body, { shardBytes, chunkSize, join, order, rate, random }) => {
          const quiet = await runObject(key, body, { settings: { join } });

          const store = memoryObjects(['in', 'out']);
          const numbers = random[Symbol.iterator]();
          const faulty = faultyObjects(store, () => must(numbers.next().value, 'random number'), rate);
          const settings = { shardBytes, chunkSize, join };
          const parts = objectParts({ store: faulty, settings });
          const calm = objectParts({ store, settings });
          await putObject(calm, key, body);
          const run = await startRun({ bucket: 'in', key }, calm);
          const tasks = await planShards(run, calm);
          expect(await planShards(run, calm)).toEqual(tasks);
          const inWork = new Set<Promise<unknown>>();
          for (const position of order) {
            const work = classifyShard(must(tasks[position % tasks.length], 'shard'), parts).catch(
              () => undefined,
            );
            inWork.add(work);
            if (position % 3 === 0) continue;
            await Promise.all(inWork);
            inWork.clear();
          }
          await Promise.all(inWork);
          for (const task of tasks.toReversed()) await classifyShard(task, calm);

          const manifest = must(await finishedRun(run, calm), 'manifest');
          const { bytes } = await outputOf(manifest, calm);
          expect(bytes).toEqual(quiet.bytes);
          const { status, counts, error } = manifest;
          expect({ status, counts, error }).toEqual({
            status: quiet.manifest.status,
            counts: quiet.manifest.counts,
            error: quiet.manifest.error,
          });
          const expected = manifest.output === undefined ? [] : [manifest.output.key];
          expect(await keysIn(calm, 'out')).toEqual(
            [...expected, expect.stringMatching(/\.manifest\.json$/)].toSorted(),
          );
        },
      ),
      { numRuns: 40 },
    );
  });
});
