import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { mapStream } from '../../../../src/tools/emulators/event-source/mapping.ts';
import { memoryStream } from '../../../../src/tools/emulators/event-source/memory-stream.ts';
import { buildFunction } from '../../../../src/tools/build/built-function.ts';
import { prepareInvocation } from '../../../../src/tools/invoke/prepared-invocation.ts';
import { aggregate } from '../../../../src/tools/emulators/aws/kpl-aggregate.ts';
import { createLambdaFunction } from '../../../../src/tools/emulators/lambda/function.ts';
import { change, kinesisEvent } from '../../../support/records.ts';
import { copyOf } from '../../../support/transformers.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

type Settings = Parameters<typeof createLambdaFunction>[0];

/** Sends records through the event source mapping to the built function, and looks at what became of them. */
const send = async (
  recordsOf: (table: string) => readonly Buffer[],
  { environment: own = {}, ...settings }: Partial<Settings> = {},
) => {
  const { service, environment, spec } = await buildFunction(ROOT);
  const records = recordsOf(String(environment.DOCUMENTS_TABLE));
  const datas = records.map((data) => data.toString('base64'));
  await using stack = new AsyncDisposableStack();
  const prepared = await prepareInvocation(service, environment, kinesisEvent(datas));
  stack.adopt(prepared, ({ stop }) => stop());
  const lambda = createLambdaFunction({
    ...{ ...spec, ...settings },
    maxEnvironments: 1,
    environment: { ...environment, ...prepared.env, ...own },
  });
  stack.adopt(lambda, ({ close }) => close());
  const stream = memoryStream();
  stream.put(records.map((data) => ({ partitionKey: 'a', data })));
  const mapping = mapStream(stream, {
    invoke: lambda.invoke,
    settings: { batchSize: 1_000, bisectBatchOnFunctionError: true, reportBatchItemFailures: true },
    pace: { retryDelayMs: 1 },
  });
  stack.adopt(mapping, ({ stop }) => stop());
  await mapping.drained();
  const written: Readonly<Record<string, unknown>>[] = [];
  for await (const line of prepared.results()) written.push(line);
  return {
    stats: lambda.stats(),
    labelled: written.filter(({ label }) => label !== undefined).length,
    errors: written.flatMap(({ label_error: error }) => error ?? []),
    rejects: written.flatMap(({ code }) => code ?? []),
  };
};

const changes = (table: string, texts: readonly string[]): readonly Buffer[] =>
  texts.map((text, index) => Buffer.from(change(`m-${index}`, text, { table }), 'base64'));

describe('a batch that means harm', () => {
  it('puts a text aside with which a tokenizer never ends, after one time-out, and labels its neighbours', async () => {
    const copy = copyOf('bert');
    // As somebody might have it in a tokenizer.json: it takes twice as long for each letter more.
    const Regex = '(?:a+)+$';
    copy.edit('tokenizer.json', {
      pre_tokenizer: { type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false },
    });
    const texts = Array.from({ length: 30 }, (_, index) =>
      index === 7 ? `${'a'.repeat(60)}!` : `message number ${index}`,
    );
    try {
      const { stats, labelled, errors, rejects } = await send((table) => changes(table, texts), {
        timeoutMs: 6_000,
        environment: { MODELS_DIR: copy.directory, MODEL: 'bert' },
      });
      expect([labelled, errors, rejects]).toEqual([29, ['inference-failed'], ['inference-failed']]);
      expect(stats.timeouts).toBe(1);
    } finally {
      copy.release();
    }
  }, 60_000);

  it('rejects five thousand bad records within an aggregate in 192 MB', async () => {
    const bad = Array.from({ length: 5_000 }, (_, index) => ({
      partitionKey: `k${index % 9}`,
      data: `not JSON ${index}`,
    }));
    const { stats, rejects, labelled } = await send(
      (table) => [Buffer.from(aggregate(bad)), ...changes(table, ['one', 'two'])],
      { memoryMB: 192 },
    );
    expect([labelled, rejects.length, new Set(rejects)]).toEqual([2, 5_000, new Set(['bad-json'])]);
    expect(stats.errors).toBe(0);
    expect(stats.memoryMB.maxUsed).toBeLessThanOrEqual(192);
  }, 60_000);

  it('is done with a record of seventy gzip members of four megabytes at once', async () => {
    // Of another table, which would need no work: it is the reading that takes long.
    const other = change('x', 'x', { table: 'another', eventId: 'x'.repeat(4_000_000) });
    const bomb = gzipSync(Buffer.from(other, 'base64'));
    const inner = Array.from({ length: 70 }, (_, index) => ({ partitionKey: `k${index}`, data: bomb }));
    const { stats, rejects, labelled } = await send(
      (table) => [Buffer.from(aggregate(inner)), ...changes(table, ['one', 'two'])],
      { memoryMB: 192, timeoutMs: 20_000 },
    );
    expect(labelled).toBe(2);
    expect(rejects.length).toBeGreaterThan(60);
    expect([stats.errors, stats.timeouts]).toEqual([0, 0]);
    expect(stats.memoryMB.maxUsed).toBeLessThanOrEqual(192);
  }, 60_000);
});
