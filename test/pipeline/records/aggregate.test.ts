import fc from 'fast-check';
import { PermanentError } from '../../../src/errors.ts';
import { aggregate, sealed } from '../../../src/tools/emulators/aws/kpl-aggregate.ts';
import { innerRecords, isAggregate } from '../../../src/pipeline/records/aggregate.ts';

describe('innerRecords', () => {
  it('gives back what was put together', () => {
    const record = fc.record({
      partitionKey: fc.string({ minLength: 1, unit: 'grapheme' }),
      data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), (records) => {
        expect(isAggregate(aggregate(records))).toBe(true);
        expect(innerRecords(aggregate(records))).toEqual(records);
      }),
    );
  });

  it('reads an aggregate of the Kinesis Producer Library, with hash keys and tags', () => {
    // AggregatedRecord { keys: ["k"], hash keys: ["1"], records: [{ key: 0, hash key: 0, data: "hi", tags: [{ "t", "v" }] }] }
    const message =
      '0a016b' + '120131' + '1a10' + '0800' + '1000' + '1a026869' + '2206' + '0a0174' + '120176';
    const [inner, ...others] = innerRecords(sealed(Buffer.from(message, 'hex')));
    expect([inner?.partitionKey, inner?.data.toString(), others]).toEqual(['k', 'hi', []]);
  });

  it('knows data of other producers by its first bytes', () => {
    for (const data of ['', '{"text": "a"}', '\u0000', 'F3899AC2'])
      expect(isAggregate(Buffer.from(data))).toBe(false);
    expect(isAggregate(Buffer.of(0xf3, 0x89, 0x9a))).toBe(false);
    expect(isAggregate(Buffer.of(0xf3, 0x28, 0x9a, 0xc2))).toBe(false);
  });

  const good = aggregate([{ partitionKey: 'k', data: 'secret' }]);
  const changed = (index: number) => Buffer.from(good.with(good.length - index, 1));
  it.each([
    ['nothing but the magic bytes', good.subarray(0, 4), /MD5/],
    ['an end that is missing', good.subarray(0, -1), /MD5/],
    ['a byte that was changed', changed(20), /MD5/],
    ['another MD5', changed(1), /MD5/],
    ['no record', sealed(Buffer.from('0a016b', 'hex')), /holds no record/],
    ['no message', sealed(Buffer.of()), /holds no record/],
    ['a record without a partition key', sealed(Buffer.from('0a016b1a031a0161', 'hex')), /no partition key/],
    [
      'a partition key that is not there',
      sealed(Buffer.from('0a016b1a0508011a0161', 'hex')),
      /no partition key/,
    ],
    ['a record without data', sealed(Buffer.from('0a016b1a020800', 'hex')), /no data/],
    ['a record that is a number', sealed(Buffer.from('1801', 'hex')), /field 3 is a number/],
    ['a varint without an end', sealed(Buffer.alloc(11, 0xff)), /varint has no end/],
    ['a field longer than its message', sealed(Buffer.from('1aff', 'hex')), /varint has no end|longer/],
    ['a field of no known type', sealed(Buffer.of(0x0b)), /unknown type 3/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => innerRecords(bytes)).toThrow(
      expect.objectContaining({ code: 'bad-aggregate', message: expect.stringMatching(message) }),
    );
  });

  it('ends in records or a PermanentError that quotes nothing, for any message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          expect(innerRecords(sealed(bytes)).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(PermanentError);
        }
      }),
    );
    expect(() => innerRecords(changed(20))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    );
  });
});
