import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { startClassifyObjects, type TestObjects } from '../support/classify-objects.ts';
import { bySns, notification, sqsEvent, TEST_EVENT } from '../support/object-events.ts';

const SECRET = 'S3CR3T';
const TEXT = 'I still have not received my card';
const rows = (count: number): string =>
  Array.from(
    { length: count },
    (_, row) => `${JSON.stringify({ id: `r${row}`, text: `${TEXT} ${row % 5} ${SECRET}` })}\n`,
  ).join('');

let subject: TestObjects;
beforeAll(async () => {
  subject = await startClassifyObjects({ SHARD_MB: '1', MAX_OBJECT_MB: '1', OUTPUT_PREFIX: 'o/' });
});
afterAll(() => subject.stop());
beforeEach(() => {
  subject.log.splice(0);
  subject.events.splice(0);
});

const deliver = (bodies: readonly string[], receives = 1) => subject.send(sqsEvent(bodies, receives));
const logged = (message: string) =>
  subject.log
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter((line) => line.message === message);
const metrics = () => subject.log.map((line) => JSON.parse(line)).find((line) => '_aws' in line);
const DONE = { batchItemFailures: [] };

describe('classifyObjects', () => {
  it.each([
    ['a b+c ü.jsonl', rows(3)],
    ['plain.txt', `${TEXT}\n${TEXT}\n${TEXT}`],
    ['table.csv', `id,text\n1,${TEXT}\n2,"${TEXT}, really"\n3,${TEXT}\n`],
    ['zipped.jsonl.gz', gzipSync(rows(3))],
  ])('classifies %s, for an event by EventBridge', async (key, body) => {
    await subject.put(key, body);
    expect(await deliver(subject.events)).toEqual(DONE);
    const made = Object.entries(await subject.outputs()).filter(([name]) => name.includes(`/${key}.`));
    expect(made.map(([name]) => name.replace(/\/[\da-f]{32}\//, '/etag/'))).toEqual([
      `o/banking77-tfidf@1/etag/${key}.manifest.json`,
      `o/banking77-tfidf@1/etag/${key}.out`,
    ]);
    const [manifest, output] = made.map(([, text]) => text);
    expect(JSON.parse(manifest ?? '')).toMatchObject({
      status: 'complete',
      counts: { lines: 3, labelled: 3 },
    });
    expect(output?.match(/card_arrival/g)).toHaveLength(3);
  });

  it('answers who asks the function itself, as the others do', async () => {
    const answer = await subject.send({ labelstream: 'verify', texts: [TEXT] });
    expect(answer).toMatchObject({
      model: 'banking77-tfidf@1',
      predictions: [{ label: 'card_arrival', score: expect.any(Number) }],
    });
  });

  it('says what it did in a line of the log and in metrics, and nothing of a text', async () => {
    await subject.put('logged.jsonl', `${rows(2)}{"id":3}\n`);
    await deliver(subject.events);
    expect(logged('object')).toEqual([
      expect.objectContaining({
        ...{ messageId: 'message-0', outcome: 'done', receives: 1, bucket: 'texts', key: 'logged.jsonl' },
      }),
    ]);
    expect(logged('manifest')).toEqual([
      expect.objectContaining({
        ...{
          model: 'banking77-tfidf@1',
          status: 'complete',
          lines: 3,
          labelled: 2,
          errors: { 'no-text': 1 },
        },
        seconds: expect.any(Number),
      }),
    ]);
    expect(metrics()).toMatchObject({
      ...{ service: 'labelstream-test', ObjectMessages: 1, ObjectMessagesDone: 1, ObjectMessagesFailed: 0 },
      ...{ Objects: 1, ObjectLines: 3, ObjectLineErrors: 1, ObjectShards: 1, ObjectInferences: 2 },
      ObjectSeconds: expect.any(Number),
    });
    expect(subject.log.join('\n')).not.toContain(SECRET);
  });

  it('plans a large object, and works on its shards as messages of its queue', async () => {
    await subject.put('large.jsonl', rows(40_000));
    expect(await deliver(subject.events)).toEqual(DONE);
    expect(logged('object')).toMatchObject([{ outcome: 'planned', shards: 3 }]);
    const shards = await subject.received();
    expect(shards).toHaveLength(3);
    subject.log.splice(0);
    expect(await deliver(shards)).toEqual(DONE);
    expect(logged('object').map(({ outcome, shard }) => [outcome, shard])).toEqual([
      ['partial', '1/3'],
      ['partial', '2/3'],
      ['done', '3/3'],
    ]);
    const [, output = ''] =
      Object.entries(await subject.outputs()).find(([key]) => key.endsWith('large.jsonl.out')) ?? [];
    const ids = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).recordId);
    expect(ids).toEqual(Array.from({ length: 40_000 }, (_, row) => `r${row}`));
  });

  it.each([
    ['S3’s own notification', (key: string) => notification([{ bucket: 'texts', key }])],
    ['the same by SNS', (key: string) => bySns(notification([{ bucket: 'texts', key }]))],
  ])('takes %s, too', async (name, event) => {
    const key = `${name} + 100%.jsonl`;
    await subject.put(key, rows(1));
    expect(await deliver([JSON.stringify(event(key))])).toEqual(DONE);
    expect(logged('object')).toMatchObject([{ outcome: 'done', key }]);
  });

  it('returns what is not done, each message for itself', async () => {
    await subject.put('good.jsonl', rows(1));
    const missing = JSON.stringify(notification([{ bucket: 'nobodys', key: 'a.jsonl' }]));
    const [good = ''] = subject.events;
    expect(await deliver(['hello', good, missing, JSON.stringify(TEST_EVENT)])).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-0' }, { itemIdentifier: 'message-2' }],
    });
    expect(logged('object').map(({ outcome }) => outcome)).toEqual([
      'unreadable',
      'done',
      'failed',
      'skipped',
    ]);
    expect(logged('failed')).toMatchObject([
      { messageId: 'message-2', reason: expect.stringMatching(/nobodys/) },
    ]);
    expect(logged('unreadable')).toMatchObject([{ messageId: 'message-0' }]);
  });

  it('hands over what it has no time for, and says what to do when that goes on', async () => {
    await subject.put('late.jsonl', rows(1));
    for (const receives of [1, 3]) {
      const answer = await subject.send(sqsEvent(subject.events, receives), 1_000);
      expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
    }
    expect(logged('object').map(({ outcome }) => outcome)).toEqual(['late', 'late']);
    expect(logged('too-slow')).toMatchObject([{ reason: expect.stringMatching(/lower objectsShardMB/) }]);
    expect(await deliver(subject.events)).toEqual(DONE);
  });

  it('does nothing with other events, and throws for none', async () => {
    const events = fc.oneof(
      fc.jsonValue(),
      fc.array(fc.string(), { maxLength: 3 }).map((bodies) => sqsEvent(bodies)),
    );
    await fc.assert(
      fc.asyncProperty(events, async (event) => {
        const { batchItemFailures } = await subject.send(event);
        expect(Array.isArray(batchItemFailures)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
