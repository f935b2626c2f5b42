import fc from 'fast-check';
import { TransientError } from '../../../src/errors.ts';
import { UNMETERED } from '../../../src/pipeline/meter.ts';
import { shardBody } from '../../../src/pipeline/objects/messages.ts';
import { type MessageQueue, objectRuns } from '../../../src/pipeline/objects/object-runs.ts';
import { ObjectError, type ObjectStore } from '../../../src/pipeline/objects/object-store.ts';
import { toMessages } from '../../../src/pipeline/objects/sqs-event.ts';
import {
  isReturned,
  workMessages,
  type WorkMessagesParts,
} from '../../../src/pipeline/objects/work-messages.ts';
import { memoryObjects } from '../../../src/stores/objects/memory.ts';
import { eventBridgeEvent, notification, sqsEvent, TEST_EVENT } from '../../support/object-events.ts';
import { OBJECT_SETTINGS, objectModels } from '../../support/object-runs.ts';

const lines = (count: number, from = 0) =>
  Array.from(
    { length: count },
    (_, line) => `${JSON.stringify({ id: from + line, text: 'x'.repeat(line % 7) + '!' })}\n`,
  ).join('');

interface WorldOptions {
  readonly shardBytes?: number;
  readonly maxShareBytes?: number;
  readonly store?: Partial<ObjectStore>;
  /** The time is over as soon as an object is read. */
  readonly stopsReading?: boolean;
}

/** The door over buckets and a queue in memory, which delivers what was sent. */
const world = ({
  shardBytes = 400,
  maxShareBytes = 2 ** 20,
  store: broken = {},
  stopsReading = false,
}: WorldOptions = {}) => {
  const memory = memoryObjects(['in', 'out']);
  let stop = new AbortController();
  const read: ObjectStore['read'] = async function* (object, range) {
    if (stopsReading) stop.abort(new Error('no time left'));
    yield* memory.read(object, range);
  };
  const store = { ...memory, read, ...broken };
  const asked: string[] = [];
  const queued: string[] = [];
  const delays: [string, number][] = [];
  const queue: MessageQueue = {
    send: async (bodies) => void queued.push(...bodies),
    delay: async (receipt, seconds) => void delays.push([receipt, seconds]),
  };
  const parts: WorkMessagesParts = {
    runs: objectRuns({ store, models: objectModels(asked), settings: { ...OBJECT_SETTINGS, shardBytes } }),
    queue,
    settings: { output: { bucket: 'out', prefix: '' }, maxShareBytes },
    deadlineMarginMs: 100,
  };
  const deadline = { remainingMs: () => 10_000, signal: () => stop.signal };
  const deliver = async (bodies: readonly string[], receives = 1) => {
    const worked = await workMessages(toMessages(sqsEvent(bodies, receives)), parts, deadline, UNMETERED);
    return worked.map((one) => ({ ...one.outcome, isReturned: isReturned(one) }));
  };
  return {
    store,
    asked,
    queued,
    delays,
    deliver,
    stop: () => stop.abort(new Error('no time left')),
    goOn: () => {
      stop = new AbortController();
    },
    put: (key: string, text: string | Uint8Array) => memory.put({ bucket: 'in', key }, Buffer.from(text)),
    created: async (key: string) =>
      JSON.stringify(eventBridgeEvent(await memory.head({ bucket: 'in', key }))),
    outputs: async () => {
      const found: Record<string, string> = {};
      for await (const head of memory.list('out', '')) {
        const read: Uint8Array[] = [];
        for await (const bytes of memory.read(head)) read.push(bytes);
        found[head.key.replace(/^length@1\/[^/]+\//, '')] = Buffer.concat(read).toString();
      }
      return found;
    },
  };
};

describe('a message about an object', () => {
  it('gets it classified whole, where it is one shard', async () => {
    const { put, created, deliver, outputs, delays } = world();
    await put('a b+c.jsonl', lines(5));
    expect(await deliver([await created('a b+c.jsonl')])).toEqual([
      {
        kind: 'done',
        isReturned: false,
        about: { bucket: 'in', key: 'a b+c.jsonl' },
        manifests: [
          expect.objectContaining({ status: 'complete', counts: { lines: 5, labelled: 5, errors: {} } }),
        ],
      },
    ]);
    const made = await outputs();
    expect(Object.keys(made)).toEqual(['a b+c.jsonl.manifest.json', 'a b+c.jsonl.out']);
    expect(made['a b+c.jsonl.out']?.trim().split('\n')).toHaveLength(5);
    expect(delays).toEqual([]);
  });

  it('does nothing when it comes again', async () => {
    const { put, created, deliver, asked } = world();
    await put('a.jsonl', lines(5));
    const body = await created('a.jsonl');
    await deliver([body]);
    const before = asked.length;
    expect(await deliver([body, body])).toMatchObject([{ kind: 'unchanged' }, { kind: 'unchanged' }]);
    expect(asked).toHaveLength(before);
  });

  it('gets a large one classified by messages for its shards, whose last is done, in any order', async () => {
    const { put, created, deliver, queued, outputs } = world();
    await put('large.jsonl', lines(100));
    const [planned] = await deliver([await created('large.jsonl')]);
    expect(planned).toMatchObject({ kind: 'planned', shards: queued.length, isReturned: false });
    expect(queued.length).toBeGreaterThan(3);
    const shards = [...queued].reverse();
    const kinds = (await deliver([...shards.slice(0, 2), ...shards])).map(({ kind }) => kind);
    expect(kinds).toEqual([...Array(shards.length + 1).fill('partial'), 'done']);
    expect(await deliver(shards.slice(0, 1))).toMatchObject([{ kind: 'unchanged' }]);
    const quiet = world({ shardBytes: 2 ** 20 });
    await quiet.put('large.jsonl', lines(100));
    await quiet.deliver([await quiet.created('large.jsonl')]);
    const made = await outputs();
    expect(made['large.jsonl.out']).toBe((await quiet.outputs())['large.jsonl.out']);
    expect(Object.keys(made)).toHaveLength(2);
  });

  it('sends the shards of all objects of a notification', async () => {
    const { put, store, deliver, queued } = world();
    await put('a.jsonl', lines(1));
    await put('b.jsonl', lines(1));
    const heads = await Promise.all(['a.jsonl', 'b.jsonl'].map((key) => store.head({ bucket: 'in', key })));
    expect(await deliver([JSON.stringify(notification(heads))])).toMatchObject([
      { kind: 'planned', shards: 2 },
    ]);
    expect(await deliver(queued)).toMatchObject([{ kind: 'done' }, { kind: 'done' }]);
  });

  it('leaves an object that was deleted or replaced to the events of that', async () => {
    const { put, created, deliver, store, asked } = world();
    await put('a.jsonl', lines(1));
    const former = await created('a.jsonl');
    await put('a.jsonl', lines(2));
    expect(await deliver([former])).toMatchObject([{ kind: 'superseded', isReturned: false }]);
    const latter = await created('a.jsonl');
    await store.delete('in', ['a.jsonl']);
    expect(await deliver([latter])).toMatchObject([{ kind: 'superseded', isReturned: false }]);
    expect(asked).toEqual([]);
  });

  it('says in a manifest of an object that cannot be read why', async () => {
    const { put, created, deliver } = world();
    await put('a.png', 'pixels');
    expect(await deliver([await created('a.png')])).toMatchObject([
      { kind: 'faulty', isReturned: false, reason: expect.stringMatching(/^unknown-format: /) },
    ]);
  });

  it('says in a manifest of an object that is too large and cannot be divided what to do, until someone does', async () => {
    const small = world({ maxShareBytes: 100 });
    const { gzipSync } = await import('node:zlib');
    const zipped = gzipSync(lines(300));
    await small.put('a.jsonl.gz', zipped);
    expect(zipped.length).toBeGreaterThan(100);
    const body = await small.created('a.jsonl.gz');
    expect(await small.deliver([body, body])).toMatchObject(
      Array(2).fill({
        kind: 'faulty',
        reason: expect.stringMatching(
          /^object-too-large: The object has 1 MB and cannot be divided.*batch job/,
        ),
      }),
    );
    expect(small.asked).toEqual([]);
    const manifest = JSON.parse((await small.outputs())['a.jsonl.gz.manifest.json'] ?? '');
    expect(manifest).toMatchObject({ status: 'failed', error: { code: 'object-too-large' } });
    // Another host, or a larger limit.
    const large = world({ store: small.store });
    expect(await large.deliver([body])).toMatchObject([
      { kind: 'done', manifests: [{ counts: { lines: 300 } }] },
    ]);
    expect(await small.deliver([body])).toMatchObject([{ kind: 'unchanged' }]);
  });
});

describe('a message that has nothing to do', () => {
  it.each([
    ['S3’s test', JSON.stringify(TEST_EVENT), 'test-event'],
    [
      'a deletion',
      JSON.stringify(eventBridgeEvent({ bucket: 'in', key: 'a' }, 'Object Deleted')),
      'other-event',
    ],
    ['an output', JSON.stringify(eventBridgeEvent({ bucket: 'out', key: 'a.jsonl' })), 'own-output'],
    ['a copy of one', JSON.stringify(eventBridgeEvent({ bucket: 'in', key: 'a.csv.out' })), 'own-output'],
    ['a folder', JSON.stringify(eventBridgeEvent({ bucket: 'in', key: 'a/', size: 0 })), 'folder'],
  ])('is skipped: %s', async (_, body, reason) => {
    expect(await world().deliver([body])).toMatchObject([{ kind: 'skipped', reason, isReturned: false }]);
  });
});

describe('a message that is not done', () => {
  it('goes back where there is no time left, at once, and another environment does it', async () => {
    const { put, created, deliver, stop, goOn, delays } = world();
    await put('a.jsonl', lines(5));
    const body = await created('a.jsonl');
    stop();
    expect(await deliver([body])).toMatchObject([{ kind: 'late', isReturned: true }]);
    expect(delays).toEqual([['receipt-0', 0]]);
    goOn();
    expect(await deliver([body])).toMatchObject([{ kind: 'done' }]);
  });

  it('goes back where the time is over in the middle, and leaves nothing half', async () => {
    const subject = world({ stopsReading: true });
    await subject.put('a.jsonl', lines(1000));
    expect(await subject.deliver([await subject.created('a.jsonl')])).toMatchObject([
      { kind: 'late', isReturned: true },
    ]);
    expect(await subject.outputs()).toEqual({});
  });

  it.each([
    ['a permission that is missing', new ObjectError('access-denied', 'no s3:GetObject'), true],
    ['a bucket in another Region', new ObjectError('wrong-region', 'it is in eu-west-1'), true],
    ['an outage', new TransientError('S3 does not answer'), false],
    ['a fault of our own', new TypeError('x is not a function'), undefined],
  ])('goes back after %s, ever later', async (_, error, isLasting) => {
    const { put, created, deliver, delays } = world({ store: { head: () => Promise.reject(error) } });
    await put('a.jsonl', lines(1));
    const body = await created('a.jsonl');
    for (const receives of [1, 2, 3, 6, 7])
      expect(await deliver([body], receives)).toMatchObject([
        { kind: 'failed', isReturned: true, ...(isLasting !== undefined && { error: { isLasting } }) },
      ]);
    expect(delays.map(([, seconds]) => seconds)).toEqual([30, 120, 480, 21_600, 21_600]);
  });

  it('goes back where its shards are not all sent', async () => {
    const subject = world();
    await subject.put('large.jsonl', lines(100));
    const full = jest.spyOn(subject.queued, 'push').mockImplementationOnce(() => {
      throw new TransientError('the queue took 3 of 7');
    });
    const body = await subject.created('large.jsonl');
    expect(await subject.deliver([body])).toMatchObject([{ kind: 'failed', isReturned: true }]);
    full.mockRestore();
    expect(await subject.deliver([body], 2)).toMatchObject([{ kind: 'planned' }]);
  });

  it('goes back where it cannot be read, at once, to be put aside', async () => {
    const { deliver, delays } = world();
    expect(await deliver(['hello', '{"a":1}'])).toMatchObject([
      { kind: 'unreadable', isReturned: true },
      { kind: 'unreadable', isReturned: true },
    ]);
    expect(delays.map(([, seconds]) => seconds)).toEqual([0, 0]);
  });
});

it('whatever comes, each message has one outcome, and none an exception', async () => {
  const { put, created, store, deliver } = world();
  await put('a.jsonl', lines(3));
  const good = await created('a.jsonl');
  const run = { id: '../..', model: 'nobody@9', source: await store.head({ bucket: 'in', key: 'a.jsonl' }) };
  const hostile = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constant(good),
    fc
      .tuple(fc.string(), fc.string())
      .map(([bucket, key]) => JSON.stringify(eventBridgeEvent({ bucket, key }))),
    fc
      .record({ index: fc.nat(3), count: fc.nat(4), start: fc.nat(500), end: fc.nat(500), line: fc.nat(9) })
      .map((shard) => shardBody({ run, shard })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { maxLength: 4 }), fc.nat(9), async (bodies, receives) => {
      const outcomes = await deliver(bodies, receives);
      expect(outcomes).toHaveLength(bodies.length);
      for (const [index, { kind }] of outcomes.entries())
        if (bodies[index] === good) expect(['done', 'unchanged']).toContain(kind);
    }),
  );
  for (const event of [undefined, null, 7, {}, { Records: 3 }, { Records: [null, {}, { messageId: 3 }] }])
    expect(toMessages(event)).toEqual([]);
});
