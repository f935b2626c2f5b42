import { type Behaviour, ERRORS, PARTIAL, PARTIAL_ON } from './behaviour.ts';
import { numbers, reports, streamOf, throwsAt, toyMapping } from './toy-mapping.ts';

export const bisections: readonly Behaviour[] = [
  {
    behaviour: 'a thrown error halves the batch, which costs no retry',
    source: ERRORS,
    prove: async () => {
      const settings = { bisectBatchOnFunctionError: true, maximumRetryAttempts: 1, batchSize: 16 };
      const stream = streamOf(numbers(16));
      const { mapping, calls, failures, drain } = toyMapping(stream, throwsAt('5'), settings);
      await drain();
      const withPoison = calls.filter((texts) => texts.includes('5')).map((texts) => texts.length);
      expect(withPoison).toEqual([16, 8, 4, 2, 1, 1]);
      expect(failures).toMatchObject([
        { KinesisBatchInfo: { startSequenceNumber: stream.sequenceNumbers[5], batchSize: 1 } },
      ]);
      const counts = { bisections: 4, retries: 1, recordsDone: 15, recordsDiscarded: 1 };
      expect(mapping.stats()).toMatchObject(counts);
    },
  },
  {
    behaviour: 'halves are delivered in order, the first until it is settled',
    source: ERRORS,
    prove: async () => {
      const settings = { bisectBatchOnFunctionError: true, maximumRetryAttempts: 2, batchSize: 4 };
      const { calls, drain } = toyMapping(streamOf([...'abcd']), throwsAt('a'), settings);
      await drain();
      expect(calls.map((texts) => texts.join(''))).toEqual(['abcd', 'ab', 'a', 'a', 'a', 'b', 'cd']);
    },
  },
  {
    behaviour: 'a thrown error halves the batch also if batch item failures are reported otherwise',
    source: PARTIAL,
    prove: async () => {
      const settings = { ...PARTIAL_ON, bisectBatchOnFunctionError: true, maximumRetryAttempts: 0 };
      const { calls, drain } = toyMapping(streamOf([...'abcd']), throwsAt('d'), settings);
      await drain();
      expect(calls.map((texts) => texts.join(''))).toEqual(['abcd', 'ab', 'cd', 'c', 'd']);
    },
  },
  {
    behaviour:
      'a partial response splits the batch at the reported record, and only what remains is delivered',
    source: PARTIAL,
    prove: async () => {
      const settings = { ...PARTIAL_ON, bisectBatchOnFunctionError: true, maximumRetryAttempts: 0 };
      const { mapping, calls, failures, drain } = toyMapping(streamOf([...'abcd']), reports('d'), settings);
      await drain();
      expect(calls.map((texts) => texts.join(''))).toEqual(['abcd', 'd']);
      expect(failures).toMatchObject([{ KinesisBatchInfo: { batchSize: 1 } }]);
      expect(mapping.stats()).toMatchObject({ bisections: 0, partialFailures: 1, recordsDone: 3 });
    },
  },
];
