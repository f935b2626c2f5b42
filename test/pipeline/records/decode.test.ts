import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { PermanentError } from '../../../src/errors.ts';
import { base64Bytes } from '../../../src/pipeline/records/unpack.ts';
import { decode as decodeBytes, toMicros } from '../../../src/pipeline/records/decode.ts';
import { anyCharacter } from '../../../src/tools/chaos/hostile/any-character.ts';
import { base64, change, removal } from '../../support/records.ts';

const decode = (data: string) => decodeBytes(base64Bytes(data));
const json = (value: unknown): string => base64(JSON.stringify(value));
const native = (dynamodb: unknown, other: object = {}) =>
  json({ eventName: 'INSERT', tableName: 't', dynamodb, ...other });

describe('decode', () => {
  it('reads a native change record', () => {
    expect(decode(change('a', 'café ☕'))).toEqual({
      eventName: 'INSERT',
      table: 'documents',
      keys: { id: { S: 'a' } },
      newImage: { id: { S: 'a' }, text: { S: 'café ☕' } },
      createdMicros: 1_719_347_890_250_647n,
    });
  });

  it('reads a removal, which has no new image', () => {
    expect(decode(removal('a', 'gone'))).toMatchObject({ eventName: 'REMOVE', keys: { id: { S: 'a' } } });
  });

  it('unpacks gzip', () => {
    const data = gzipSync(Buffer.from(change('a', 'hello'), 'base64')).toString('base64');
    expect(decode(data)).toEqual(decode(change('a', 'hello')));
  });

  it('keeps the 38 digits of a DynamoDB number', () => {
    const id = { N: '12345678901234567890123456789012345678' };
    expect(decode(native({ Keys: { id }, NewImage: { id } })).keys).toEqual({ id });
  });

  it('keeps binary keys as base64', () => {
    const id = { B: 'AAEC/w==' };
    expect(decode(native({ Keys: { id }, NewImage: { id } })).keys).toEqual({ id });
  });

  it.each([
    ['"49650000000000000000000000000000000000000"', undefined],
    ['"4965000000000000000000000000000000000001"', 4965000000000000000000000000000000000001n],
    ['"abc"', undefined],
    ['111', undefined],
    ['null', undefined],
  ])('reads the sequence number of our own fan-out: %s', (text, changeNumber) => {
    const id = { S: 'a' };
    const dynamodb = { Keys: { id }, NewImage: { id }, SequenceNumber: JSON.parse(text) };
    expect(decode(native(dynamodb)).changeNumber).toBe(changeNumber);
  });

  it('keeps the digits of numbers in plain JSON, and writes one number one way', () => {
    const text = `{"key": 12345678901234567890123456789012345678, "pi": 3.14159265358979323846264338327950288,
      "one": [1.0, 1, 1e0], "big": -9007199254740993, "nested": {"e": 1.5E+3}}`;
    expect(decode(base64(text)).newImage).toEqual({
      key: { N: '12345678901234567890123456789012345678' },
      pi: { N: '3.14159265358979323846264338327950288' },
      one: { L: [{ N: '1' }, { N: '1' }, { N: '1' }] },
      big: { N: '-9007199254740993' },
      nested: { M: { e: { N: '1500' } } },
    });
  });

  it('takes plain JSON as an image', () => {
    expect(decode(json({ textblob: '"text"', n: 1, nested: { list: [true, null] } }))).toEqual({
      eventName: 'INSERT',
      newImage: {
        textblob: { S: '"text"' },
        n: { N: '1' },
        nested: { M: { list: { L: [{ BOOL: true }, { NULL: true }] } } },
      },
    });
  });

  it.each([
    ['bad-base64', 'characters that are not base64', 'not base64!'],
    ['bad-base64', 'a length that is none of base64', 'YWJjZA'],
    ['bad-base64', 'data behind the padding', 'YQ==YQ=='],
    ['bad-gzip', 'a broken gzip stream', base64(Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3))],
    ['bad-gzip', 'gzip that unpacks to far too much', gzipSync(Buffer.alloc(8 << 20)).toString('base64')],
    ['bad-utf8', 'an invalid sequence', base64(Uint8Array.of(0x22, 0xc3, 0x28, 0x22))],
    ['bad-utf8', 'an encoded surrogate', base64(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))],
    ['bad-json', 'nothing', ''],
    ['bad-json', 'half an object', base64('{"eventName":')],
    ['bad-shape', 'a JSON string', json('text')],
    ['bad-shape', 'a list', json([])],
    ['bad-shape', 'null', json(null)],
    ['bad-shape', 'a dynamodb that is no object', json({ dynamodb: 'x' })],
    ['bad-shape', 'an unknown event name', native({ Keys: { id: { S: 'a' } } }, { eventName: 'UPSERT' })],
    ['bad-shape', 'no keys', native({ NewImage: {} })],
    ['bad-shape', 'empty keys', native({ Keys: {}, NewImage: {} })],
    ['bad-shape', 'keys that are no attribute values', native({ Keys: { id: 'a' }, NewImage: {} })],
    ['bad-shape', 'an insert without its image', native({ Keys: { id: { S: 'a' } } })],
    [
      'bad-shape',
      'a table name that is no string',
      native({ Keys: { id: { S: 'a' } }, NewImage: {} }, { tableName: 1 }),
    ],
  ])('refuses with %s: %s', (code, _, data) => {
    expect(() => decode(data)).toThrow(expect.objectContaining({ name: 'PermanentError', code }));
  });

  it('never quotes the data in an error', () => {
    expect(() => decode(base64('{"secret": my pin is 4711'))).toThrow(
      expect.not.objectContaining({ message: expect.stringMatching(/secret|4711/) }),
    );
  });

  it('ends in a change or a PermanentError for any bytes and any string', () => {
    const datas = fc.oneof(
      fc.string({ unit: anyCharacter }),
      fc.uint8Array().map(base64),
      fc.uint8Array().map((bytes) => base64(gzipSync(bytes))),
      fc.json().map(base64),
      fc.object({ key: fc.constantFrom('dynamodb', 'Keys', 'NewImage', 'eventName', 'S') }).map(json),
    );
    fc.assert(
      fc.property(datas, (data) => {
        try {
          expect(['INSERT', 'MODIFY', 'REMOVE']).toContain(decode(data).eventName);
        } catch (error) {
          expect(error).toBeInstanceOf(PermanentError);
        }
      }),
    );
  });
});

describe('toMicros', () => {
  it.each([
    [1_719_347_890_250_647, 'MICROSECOND', 1_719_347_890_250_647n],
    [1_719_347_890_250, 'MILLISECOND', 1_719_347_890_250_000n],
    [1_719_347_890_250_647, undefined, 1_719_347_890_250_647n],
    [1_719_347_890_250, undefined, 1_719_347_890_250_000n],
    [1_719_347_890, undefined, 1_719_347_890_000_000n],
    [1_719_347_890.5, undefined, 1_719_347_890_500_000n],
    ['1719347890', undefined, undefined],
    [undefined, 'MICROSECOND', undefined],
    [Number.NaN, undefined, undefined],
    [1e308, 'MILLISECOND', undefined],
    [1_719_347_890, null, 1_719_347_890_000_000n],
    [1_719_347_890_250, 'NANOSECOND', 1_719_347_890_250_000n],
    [0, undefined, 0n],
  ])('%p in %p is %p µs', (time, precision, micros) => {
    expect(toMicros(time, precision)).toBe(micros);
  });
});
