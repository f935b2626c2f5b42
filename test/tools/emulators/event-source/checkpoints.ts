import { type Behaviour, json, PARTIAL, PARTIAL_ON, RECORDED } from './behaviour.ts';
import { type Answer, reports, streamOf, throwsAt, toyMapping } from './toy-mapping.ts';

export const checkpoints: readonly Behaviour[] = [
  {
    behaviour:
      'the lowest reported sequence number is the checkpoint, by value: neither as text nor as a float',
    source: PARTIAL,
    prove: async () => {
      const stream = streamOf(['a', 'b', 'c', 'd'], { firstSequenceNumber: 10n ** 20n - 2n });
      const [, b, c, d] = stream.sequenceNumbers;
      expect([b, c].sort()).toEqual([c, b]);
      expect(Number(b)).toBe(Number(c));
      const answer: Answer = (_texts, _event, call) =>
        call === 1 ? { batchItemFailures: [d, b, c].map((itemIdentifier) => ({ itemIdentifier })) } : null;
      const { mapping, calls, drain } = toyMapping(stream, answer, PARTIAL_ON);
      await drain();
      expect(calls).toEqual([
        ['a', 'b', 'c', 'd'],
        ['b', 'c', 'd'],
      ]);
      expect(mapping.stats()).toMatchObject({
        partialFailures: 1,
        retries: 0,
        recordsDone: 4,
        recordsSent: 7,
      });
    },
  },
  {
    behaviour:
      'retries are counted anew when the checkpoint advances: 5 deliveries with maximumRetryAttempts 3',
    source: `${RECORDED}#test_kinesis_report_batch_item_failures`,
    prove: async () => {
      const stream = streamOf([...'abcdef']);
      const settings = { ...PARTIAL_ON, maximumRetryAttempts: 3, batchSize: 3 };
      const { calls, failures, drain } = toyMapping(stream, reports('f'), settings);
      await drain();
      expect(calls.map((texts) => texts.join(''))).toEqual(['abc', 'def', 'f', 'f', 'f', 'f']);
      expect(failures).toMatchObject([
        {
          requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 4 },
          responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: null },
          KinesisBatchInfo: { startSequenceNumber: stream.sequenceNumbers[5], batchSize: 1 },
        },
      ]);
    },
  },
  {
    behaviour: 'a batch whose first record is reported has made no progress, and is given up as a whole',
    source: PARTIAL,
    prove: async () => {
      const settings = { ...PARTIAL_ON, maximumRetryAttempts: 1, batchSize: 3 };
      const { mapping, calls, failures, drain } = toyMapping(streamOf([...'abcd']), reports('a'), settings);
      await drain();
      expect(calls).toEqual([['a', 'b', 'c'], ['a', 'b', 'c'], ['d']]);
      expect(failures).toMatchObject([{ KinesisBatchInfo: { batchSize: 3 } }]);
      expect(mapping.stats()).toMatchObject({ retries: 1, recordsDiscarded: 3, recordsDone: 1 });
    },
  },
  {
    behaviour: 'what is reported is not looked at unless functionResponseType says so',
    source: PARTIAL,
    prove: async () => {
      const { calls, drain } = toyMapping(streamOf(['a', 'b']), reports('a'));
      await drain();
      expect(calls).toEqual([['a', 'b']]);
    },
  },
  {
    behaviour:
      'an error thrown by a function that reports batch item failures costs a retry: 3 deliveries with 2',
    source: `${RECORDED}#test_kinesis_report_batch_item_failure_scenarios[unhandled_exception_in_function]`,
    prove: async () => {
      const settings = { ...PARTIAL_ON, maximumRetryAttempts: 2, batchSize: 1 };
      const { calls, failures, drain } = toyMapping(streamOf(['a']), throwsAt('a'), settings);
      await drain();
      expect(calls).toEqual([['a'], ['a'], ['a']]);
      expect(failures).toMatchObject([
        { requestContext: { approximateInvokeCount: 3 }, responseContext: { functionError: 'Unhandled' } },
      ]);
    },
  },
  ...malformed(),
];

/** What AWS made of answers of each kind, as its page says and its recorded responses show. */
function malformed(): readonly Behaviour[] {
  const scenario = (kind: string, name: string) =>
    `${RECORDED}#test_kinesis_report_batch_item_${kind}_scenarios[${name}]`;
  const failing = (identifier: Readonly<Record<string, unknown>>) => ({ batchItemFailures: [identifier] });
  const successes: readonly (readonly [string, unknown])[] = [
    ['empty_string_success', ''],
    ['empty_list_success', []],
    ['null_success', null],
    ['empty_dict_success', {}],
    ['empty_batch_item_failure_success', { batchItemFailures: [] }],
    ['null_batch_item_failure_success', { batchItemFailures: null }],
  ];
  const failures: readonly (readonly [string, unknown])[] = [
    ['empty_string_item_identifier_failure', failing({ itemIdentifier: '' })],
    ['null_item_identifier_failure', failing({ itemIdentifier: null })],
    ['invalid_key_foo_failure', failing({ foo: 'bar' })],
    ['invalid_key_foo_null_value_failure', failing({ foo: null })],
    ['item_identifier_not_present_failure', failing({ itemIdentifier: 'item-does-not-exist' })],
  ];
  const settings = { ...PARTIAL_ON, maximumRetryAttempts: 2 };
  return [
    ...successes.map(([name, payload]) => ({
      behaviour: `the answer ${json(payload)} is success`,
      source: scenario('success', name),
      prove: async () => {
        const { calls, drain } = toyMapping(streamOf(['a']), () => payload, settings);
        await drain();
        expect(calls).toEqual([['a']]);
      },
    })),
    ...failures.map(([name, payload]) => ({
      behaviour: `the answer ${json(payload)} fails the whole batch, and each such answer costs a retry`,
      source: scenario('failure', name),
      prove: async () => {
        const {
          calls,
          failures: messages,
          drain,
        } = toyMapping(streamOf(['a', 'b']), () => payload, settings);
        await drain();
        expect(calls).toEqual([
          ['a', 'b'],
          ['a', 'b'],
          ['a', 'b'],
        ]);
        expect(messages).toMatchObject([
          {
            requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 3 },
            responseContext: { functionError: null },
          },
        ]);
      },
    })),
  ];
}
