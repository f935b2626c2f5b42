import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { mapStream } from '../../../../src/tools/emulators/event-source/mapping.ts';
import { memoryStream } from '../../../../src/tools/emulators/event-source/memory-stream.ts';
import { buildFunction, type BuiltFunction } from '../../../../src/tools/build/built-function.ts';
import { prepareInvocation } from '../../../../src/tools/invoke/prepared-invocation.ts';
import { aggregate } from '../../../../src/tools/emulators/aws/kpl-aggregate.ts';
import { createLambdaFunction } from '../../../../src/tools/emulators/lambda/function.ts';
import { sha256 } from '../../../../src/tasks/content-hash.ts';
import { change, kinesisEvent } from '../../../support/records.ts';
import { copyOf } from '../../../support/transformers.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

let built: BuiltFunction;
beforeAll(async () => {
  built = await buildFunction(ROOT);
}, 60_000);

type Settings = Parameters<typeof createLambdaFunction>[0];

/**
 * Sends records, and after them those of items with these texts, through the event source mapping to the built function,
 * and looks at what became of them.
 */
const send = async (
  hostile: readonly Buffer[],
  texts: readonly string[],
  { environment: own = {}, ...settings }: Partial<Settings> = {},
) => {
  const { service, environment, spec } = built;
  const items = changes(String(environment.DOCUMENTS_TABLE), texts);
  await using stack = new AsyncDisposableStack();
  const event = kinesisEvent(items.map((data) => data.toString('base64')));
  const prepared = await prepareInvocation(service, environment, event);
  stack.adopt(prepared, ({ stop }) => stop());
  const lambda = createLambdaFunction({
    ...{ ...spec, ...settings },
    maxEnvironments: 1,
    environment: { ...environment, ...prepared.env, ...own },
  });
  stack.adopt(lambda, ({ close }) => close());
  const stream = memoryStream();
  stream.put([...hostile, ...items].map((data) => ({ partitionKey: 'a', data })));
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
    reasons: written.flatMap(({ reason }) => reason ?? []),
  };
};

const changes = (table: string, texts: readonly string[]): readonly Buffer[] =>
  texts.map((text, index) => Buffer.from(change(`m-${index}`, text, { table }), 'base64'));

/** A model whose tokenizer takes twice as long for each letter more, as somebody might have it, and 30 texts. */
const withoutEnd = () => {
  const copy = copyOf('bert');
  const Regex = '(?:a+)+$';
  copy.edit('tokenizer.json', {
    pre_tokenizer: { type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false },
  });
  const bad = `${'a'.repeat(60)}!`;
  const texts = Array.from({ length: 30 }, (_, index) => (index === 7 ? bad : `message number ${index}`));
  return { copy, bad, texts, environment: { MODELS_DIR: copy.directory, MODEL: 'bert' } };
};

/** The hashes of the texts under way, as the environments of a function keep them. */
const underWayIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith('labelstream-in-flight-'))
    .flatMap((name) => {
      const [count, ...hashes] = readFileSync(join(folder, name), 'utf8').split('\n');
      return hashes.slice(0, Number(count));
    });

describe('a batch that means harm', () => {
  it('gives a text up that was under way alone when environments were killed, and labels its neighbours', async () => {
    const { copy, bad, texts, environment } = withoutEnd();
    const tmpDir = mkdtempSync(join(tmpdir(), 'labelstream-test-'));
    const killed: number[] = [];
    const onInvoke: Settings['onInvoke'] = ({ kill, over }) => {
      const watch = setInterval(() => {
        const hashes = underWayIn(tmpDir);
        if (!hashes.includes(sha256(bad)) || (hashes.length > 1 && killed.length > 0)) return;
        clearInterval(watch);
        killed.push(hashes.length);
        void kill();
      }, 20);
      void over.finally(() => clearInterval(watch));
    };
    try {
      const settings = { tmpDir, onInvoke, environment };
      const { labelled, errors, rejects, reasons } = await send([], texts, settings);
      expect([labelled, errors, rejects]).toEqual([29, ['inference-failed'], ['inference-failed']]);
      expect(reasons).toEqual([
        expect.stringMatching(/ended more than once while it classified this text alone/),
      ]);
      expect(killed).toEqual([30, 1, 1]);
    } finally {
      copy.release();
      rmSync(tmpDir, { recursive: true });
    }
  }, 60_000);

  it('puts a text aside with which a tokenizer would never end, and labels its neighbours', async () => {
    const { copy, texts, environment } = withoutEnd();
    try {
      const { stats, labelled, errors, rejects } = await send([], texts, {
        timeoutMs: 20_000,
        environment,
      });
      expect([labelled, errors, rejects]).toEqual([29, ['inference-failed'], ['inference-failed']]);
      expect([stats.errors, stats.timeouts]).toEqual([0, 0]);
    } finally {
      copy.release();
    }
  }, 60_000);

  it.each([
    [5_000, 1, 192],
    [10_000, 1, 256],
    [5_000, 4, 256],
  ])(
    'rejects %i bad records within an aggregate (%i times) in %i MB',
    async (count, times, memoryMB) => {
      const bad = Array.from({ length: count }, (_, index) => ({
        partitionKey: `k${index % 9}`,
        data: `not JSON ${index}`,
      }));
      const aggregates = Array.from({ length: times }, () => Buffer.from(aggregate(bad)));
      const { stats, rejects, labelled } = await send(aggregates, ['one', 'two'], { memoryMB });
      expect([labelled, rejects.length, new Set(rejects)]).toEqual([2, count * times, new Set(['bad-json'])]);
      expect(stats.errors).toBe(0);
      expect(stats.memoryMB.maxUsed).toBeLessThanOrEqual(memoryMB);
    },
    60_000,
  );

  it.each([
    ['two million numbers', `{"id":[${'1,'.repeat(2_000_000)}1]}`],
    ['four megabytes that are no UTF-8', Buffer.alloc(4_000_000, 0xff)],
  ])(
    'is done with an aggregate of four kilobytes each that unpack to %s',
    async (_, content) => {
      const bomb = gzipSync(content);
      const inner = Array.from({ length: 100 }, (__, index) => ({ partitionKey: `k${index}`, data: bomb }));
      const { stats, rejects, labelled } = await send([Buffer.from(aggregate(inner))], ['one', 'two'], {
        memoryMB: 192,
        timeoutMs: 20_000,
      });
      expect([labelled, rejects.length]).toEqual([2, 100]);
      expect([stats.errors, stats.timeouts]).toEqual([0, 0]);
      expect(stats.memoryMB.maxUsed).toBeLessThanOrEqual(192);
    },
    60_000,
  );

  it('is done with a record of seventy gzip members of four megabytes at once', async () => {
    // Of another table, which would need no work: it is the reading that takes long.
    const other = change('x', 'x', { table: 'another', eventId: 'x'.repeat(4_000_000) });
    const bomb = gzipSync(Buffer.from(other, 'base64'));
    const inner = Array.from({ length: 70 }, (_, index) => ({ partitionKey: `k${index}`, data: bomb }));
    const { stats, rejects, labelled } = await send([Buffer.from(aggregate(inner))], ['one', 'two'], {
      memoryMB: 192,
      timeoutMs: 20_000,
    });
    expect(labelled).toBe(2);
    expect(rejects.length).toBeGreaterThan(60);
    expect([stats.errors, stats.timeouts]).toEqual([0, 0]);
    expect(stats.memoryMB.maxUsed).toBeLessThanOrEqual(192);
  }, 60_000);
});
