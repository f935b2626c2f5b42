import fc from 'fast-check';
import { isFolder, isOwnOutput, readMessage, shardBody } from '../../../src/pipeline/objects/messages.ts';
import { anyCharacter } from '../../../src/tools/chaos/hostile/any-character.ts';
import {
  bySns,
  eventBridgeEvent,
  type NamedObject,
  notification,
  TEST_EVENT,
} from '../../support/object-events.ts';

const RUN = { id: 'r', model: 'm@1', source: { bucket: 'b', key: 'k', etag: 'e', size: 1 } };
const read = (value: unknown) => readMessage(JSON.stringify(value));

const text = fc.string({ unit: anyCharacter, minLength: 1, maxLength: 40 });
const objects: fc.Arbitrary<NamedObject> = fc.record(
  {
    bucket: fc.stringMatching(/^[a-z][a-z0-9.-]{2,20}$/),
    key: fc.oneof(text, fc.stringMatching(/^[ +%&=.\/a-z\u00e9\u{1f4b3}]{1,30}$/u)),
    etag: fc.stringMatching(/^[\da-f]{32}(-\d{1,4})?$/),
    size: fc.nat(2 ** 40),
    versionId: fc.stringMatching(/^[\w.]{1,32}$/).filter((id) => id !== 'null'),
  },
  { requiredKeys: ['bucket', 'key'] },
);
const tasks = fc
  .tuple(objects, fc.nat(99), fc.nat(99), fc.nat(), fc.nat())
  .map(([{ bucket, key, versionId }, index, others, start, length]) => ({
    run: {
      id: 'run-1',
      model: 'm@1',
      source: { bucket, key, etag: 'e', size: 7, ...(versionId && { versionId }) },
    },
    shard: { index, count: index + 1 + others, start, end: start + length, line: 3 },
  }));

describe('readMessage', () => {
  it.each([
    ['an event by EventBridge', (one: NamedObject) => eventBridgeEvent(one)],
    ['a notification', (one: NamedObject) => notification([one])],
    ['a notification by SNS', (one: NamedObject) => bySns(notification([one]))],
    ['an event by EventBridge by SNS', (one: NamedObject) => bySns(eventBridgeEvent(one))],
    ['moto’s spelling', (one: NamedObject) => spelledAsMoto(one)],
  ])('names the object of %s, whatever its key', (_, event) => {
    fc.assert(
      fc.property(objects, (object) => {
        expect(read(event(object))).toEqual({
          kind: 'objects',
          objects: [JSON.parse(JSON.stringify(object))],
        });
      }),
    );
  });

  it('names all objects of a notification', () => {
    fc.assert(
      fc.property(fc.array(objects, { minLength: 1, maxLength: 5 }), (several) => {
        expect(read(notification(several))).toEqual({
          kind: 'objects',
          objects: JSON.parse(JSON.stringify(several)),
        });
      }),
    );
  });

  it('reads spaces, plus signs and percent signs of keys', () => {
    const [record] = notification([{ bucket: 'b', key: '' }]).Records;
    const withKey = (key: string) => ({ Records: [{ ...record, s3: { ...record?.s3, object: { key } } }] });
    expect(read(withKey('a+b%2Bc%25+%C3%A9'))).toEqual({
      kind: 'objects',
      objects: [{ bucket: 'b', key: 'a b+c% é' }],
    });
    expect(read(withKey('a%E9'))).toMatchObject({ kind: 'unreadable' });
    expect(read(eventBridgeEvent({ bucket: 'b', key: 'a+b%2Bc ..' }))).toEqual({
      kind: 'objects',
      objects: [{ bucket: 'b', key: 'a+b%2Bc ..' }],
    });
  });

  it.each([
    ['a test event', TEST_EVENT, 'test-event'],
    ['a test event by SNS', bySns(TEST_EVENT), 'test-event'],
    ['a deleted object', eventBridgeEvent({ bucket: 'b', key: 'k' }, 'Object Deleted'), 'other-event'],
    [
      'a notification of one',
      notification([{ bucket: 'b', key: 'k' }], 'ObjectRemoved:Delete'),
      'other-event',
    ],
  ])('finds nothing to do in %s', (_, event, reason) => {
    expect(read(event)).toEqual({ kind: 'nothing', reason });
  });

  it('reads shards as they were written', () => {
    fc.assert(
      fc.property(tasks, (task) => {
        expect(readMessage(shardBody(task as never))).toEqual({ kind: 'shard', task });
      }),
    );
  });

  it.each([
    ['text', 'hello'],
    ['a list', '[]'],
    ['another event', '{"Records":[{"eventSource":"aws:kinesis","kinesis":{}}]}'],
    ['no records', '{"Records":[]}'],
    ['a shard without a run', '{"labelstream":"shard","shard":{"index":0,"count":1,"start":0,"end":1}}'],
    [
      'a shard beyond the last',
      shardBody({ run: RUN, shard: { index: 1, count: 1, start: 0, end: 1, line: 0 } }),
    ],
    ['SNS without JSON', JSON.stringify({ ...bySns(0), Message: 'hello' })],
    ['an object without a key', JSON.stringify(eventBridgeEvent({ bucket: 'b', key: '' }))],
  ])('cannot read %s, and does not quote it', (_, body) => {
    const message = readMessage(body);
    expect(message.kind).toBe('unreadable');
    expect(JSON.stringify(message)).not.toContain('hello');
  });

  it('reads whatever comes without an error', () => {
    const mangled = fc
      .tuple(
        fc.oneof(
          objects.map((one) => eventBridgeEvent(one)),
          tasks.map((task) => JSON.parse(shardBody(task as never))),
        ),
        fc.jsonValue(),
        fc.nat(),
      )
      .map(([event, value, at]) => replaced(event, value, at));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          mangled.map((value) => JSON.stringify(value)),
          fc.string(),
        ),
        (body) => {
          expect(readMessage(body)).toMatchObject({
            kind: expect.stringMatching(/^(objects|shard|nothing|unreadable)$/),
          });
        },
      ),
    );
  });
});

describe('what is never classified', () => {
  const output = { bucket: 'out', prefix: 'labels/' };

  it('is an output: by its ending, its folder of parts, or its place', () => {
    const own = ['a.csv.out', 'a.csv.manifest.json', '.parts/1/0', 'labels/.parts/1/0.json'];
    expect(own.map((key) => isOwnOutput({ bucket: 'in', key }, output))).toEqual([true, true, true, true]);
    expect(isOwnOutput({ bucket: 'out', key: 'labels/a.csv' }, output)).toBe(true);
    expect(isOwnOutput({ bucket: 'out', key: 'texts/a.csv' }, output)).toBe(false);
    const others = ['a.csv', 'machine.parts/a.csv', 'labels/a.csv', 'a.output', 'manifest.json'];
    expect(others.filter((key) => isOwnOutput({ bucket: 'in', key }, output))).toEqual([]);
  });

  it('is what stands for a folder', () => {
    expect(isFolder({ bucket: 'b', key: 'a/', size: 0 })).toBe(true);
    expect(isFolder({ bucket: 'b', key: 'a/', size: 1 })).toBe(false);
    expect(isFolder({ bucket: 'b', key: 'a', size: 0 })).toBe(false);
  });
});

/** moto says eTag to EventBridge, and null where there is no version. */
const spelledAsMoto = (one: NamedObject) => {
  const event = eventBridgeEvent(one);
  const { etag, 'version-id': version = null, ...object } = event.detail.object;
  return { ...event, detail: { ...event.detail, object: { ...object, eTag: etag, 'version-id': version } } };
};

/** A copy in which the value at one of its places is another. */
const replaced = (value: unknown, by: unknown, at: number): unknown => {
  const places: [object, string][] = [];
  const collect = (inner: unknown): void => {
    if (typeof inner !== 'object' || inner === null) return;
    for (const key of Object.keys(inner)) {
      places.push([inner, key]);
      collect((inner as Record<string, unknown>)[key]);
    }
  };
  const copy: unknown = structuredClone(value);
  collect(copy);
  const [holder, key] = places[at % places.length] ?? fail();
  (holder as Record<string, unknown>)[key] = by;
  return copy;
};

const fail = (): never => {
  throw new Error('the event is empty');
};
