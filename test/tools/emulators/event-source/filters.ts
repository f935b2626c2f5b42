import { memoryStream } from '../../../../src/tools/emulators/event-source/memory-stream.ts';
import {
  type Behaviour,
  CHANGES,
  done,
  FILTER,
  json,
  LIMITS,
  RECORDED,
  SYNTAX,
  PARTIAL_ON,
} from './behaviour.ts';
import { type Answer, reports, streamOf, toyMapping } from './toy-mapping.ts';

/** Which of these data pass the filter patterns. */
const passing = async (filterPatterns: readonly unknown[], data: readonly unknown[]): Promise<unknown[]> => {
  const { calls, drain } = toyMapping(streamOf(data.map(json)), done, { filterPatterns });
  await drain();
  return calls.flat().map((text): unknown => JSON.parse(text));
};

export const filters: readonly Behaviour[] = [
  {
    behaviour: 'records that match no pattern are not delivered, and do not fill batches',
    source: `${RECORDED}#test_kinesis_event_filtering_json_pattern`,
    prove: async () => {
      const texts = ['INSERT', 'REMOVE', 'MODIFY', 'REMOVE', 'INSERT'].map((eventName) =>
        json({ eventName }),
      );
      const settings = { filterPatterns: CHANGES, batchSize: 3 };
      const { mapping, calls, drain } = toyMapping(streamOf(texts), done, settings);
      await drain();
      expect(calls).toEqual([[texts[0], texts[2], texts[4]]]);
      expect(mapping.stats()).toMatchObject({ recordsFiltered: 2, recordsSent: 3, recordsDone: 3 });
    },
  },
  {
    behaviour: 'with a filter on data, records that are not JSON are dropped, and nobody hears of it',
    source: FILTER,
    prove: async () => {
      const stream = memoryStream();
      const aggregate = Uint8Array.from([0xf3, 0x89, 0x9a, 0xc2, 1, 2, 3]);
      const records = ['text', '', '{"eventName":', aggregate, Uint8Array.from([0x1f, 0x8b, 8])];
      stream.put(records.map((data) => ({ partitionKey: 'k', data })));
      const { mapping, calls, failures, drain } = toyMapping(stream, done, { filterPatterns: CHANGES });
      await drain();
      expect([calls, failures]).toEqual([[], []]);
      expect(mapping.stats()).toMatchObject({ recordsFiltered: 5, invocations: 0, recordsDiscarded: 0 });
    },
  },
  {
    behaviour: 'the iterator advances past a record that is filtered out: it is not seen again by a retry',
    source: SYNTAX,
    prove: async () => {
      const [a, dropped, b] = ['INSERT', 'REMOVE', 'MODIFY'].map((eventName) => json({ eventName }));
      const settings = { ...PARTIAL_ON, filterPatterns: CHANGES };
      const answer: Answer = (texts, event, call) =>
        call === 1 ? reports(b ?? '')(texts, event, call) : null;
      const { calls, drain } = toyMapping(streamOf([a ?? '', dropped ?? '', b ?? '']), answer, settings);
      await drain();
      expect(calls).toEqual([[a, b], [b]]);
    },
  },
  {
    behaviour: 'fields of a pattern are ANDed, entries of a list and patterns are ORed',
    source: SYNTAX,
    prove: async () => {
      const patterns = [{ data: { a: [1, 2], b: { c: ['x'] } } }, { data: { d: [true] } }];
      const yes = [
        { a: 1, b: { c: 'x' } },
        { a: 2, b: { c: 'x', e: 1 }, f: 1 },
        { a: 3, d: true },
      ];
      const no = [
        { a: 1 },
        { a: 1, b: { c: 'y' } },
        { a: '1', b: { c: 'x' } },
        { a: 1, b: 'x' },
        { d: 'true' },
      ];
      expect(await passing(patterns, [...no, ...yes])).toEqual(yes);
    },
  },
  ...(
    [
      ['null', [null], [{ x: null }], [{}, { x: '' }, { x: 'null' }, { x: 0 }]],
      ['an empty string', [''], [{ x: '' }], [{}, { x: null }, { x: ' ' }]],
      ['exists', [{ exists: true }], [{ x: null }, { x: 0 }], [{}, { x: { y: 1 } }, 5]],
      ['does not exist', [{ exists: false }], [{}, { y: 1 }], [{ x: null }, { x: 0 }]],
      ['begins with', [{ prefix: 'us-' }], [{ x: 'us-east-1' }], [{ x: 'eu' }, { x: 5 }, {}]],
      ['anything but', [{ 'anything-but': ['a', 1] }], [{ x: 'b' }, { x: 2 }], [{ x: 'a' }, { x: 1 }, {}]],
      ['equals, in a list', ['a'], [{ x: ['b', 'a'] }], [{ x: ['b'] }, { x: [] }]],
    ] as const
  ).map(([name, rule, yes, no]) => ({
    behaviour: `a filter rule: ${name}, ${json(rule)}`,
    source: SYNTAX,
    prove: async () => expect(await passing([{ data: { x: rule } }], [...no, ...yes])).toEqual(yes),
  })),
  ...(
    [
      [[{ partitionKey: ['a'] }], 'Filter pattern 1, partitionKey: on Kinesis only data'],
      [[...CHANGES, { data: ['text'] }], 'Filter pattern 2, data: has to be JSON'],
      [[{ data: { a: 'x' } }], 'Filter pattern 1, data.a: "x" is no list'],
      [[{ data: { a: [] } }], 'Filter pattern 1, data.a: an empty list'],
      [
        [{ data: { a: { b: ['x', { numeric: ['>', 1] }] } } }],
        'Filter pattern 1, data.a.b[1]: {"numeric":[">",1]}',
      ],
      [[{ data: { a: [{ suffix: 'x' }] } }], 'Filter pattern 1, data.a[0]: {"suffix":"x"} is not supported'],
      [
        [{ data: { a: [{ 'anything-but': { prefix: 'x' } }] } }],
        'Filter pattern 1, data.a[0]: {"anything-but"',
      ],
      [[{ data: { $or: [{ a: [1] }] } }], 'Filter pattern 1, data.$or'],
      [Array.from({ length: 6 }, () => CHANGES[0]), '6 filter patterns: a mapping takes at most 5'],
    ] as const
  ).map(([filterPatterns, message]) => ({
    behaviour: `${json(filterPatterns)} is refused when the mapping is made`,
    source: SYNTAX,
    prove: async () => expect(() => toyMapping(memoryStream(), done, { filterPatterns })).toThrow(message),
  })),
  ...(
    [
      [{ batchSize: 10_001 }, 'batchSize is 10001: it has to be between 1 and 10000'],
      [{ windowSeconds: 301 }, 'windowSeconds'],
      [{ parallelizationFactor: 11 }, 'parallelizationFactor'],
      [{ maximumRetryAttempts: 10_001 }, 'maximumRetryAttempts'],
      [{ maximumRecordAgeSeconds: 604_801 }, 'maximumRecordAgeSeconds'],
      [{ batchSize: Number.NaN }, 'batchSize is NaN'],
    ] as const
  ).map(([settings, message]) => ({
    behaviour: `${JSON.stringify(settings)} is refused when the mapping is made`,
    source: LIMITS,
    prove: async () => expect(() => toyMapping(memoryStream(), done, settings)).toThrow(message),
  })),
];
