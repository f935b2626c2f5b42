import { type Behaviour, done, ERRORS, RECORDED } from './behaviour.ts';
import { FUNCTION_ARN, MAPPING_ID, streamOf, throwsAt, toyMapping } from './toy-mapping.ts';

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

export const givingUp: readonly Behaviour[] = [
  {
    behaviour:
      'after maximumRetryAttempts the message to SQS says where the batch is in the stream; the shard goes on',
    source: `${RECORDED}#test_kinesis_event_source_mapping_with_on_failure_destination_config`,
    prove: async () => {
      const stream = streamOf(['a', 'b', 'c']);
      const settings = { batchSize: 2, maximumRetryAttempts: 1 };
      const { mapping, calls, failures, drain } = toyMapping(stream, throwsAt('a'), settings);
      await drain();
      expect(calls).toEqual([['a', 'b'], ['a', 'b'], ['c']]);
      expect(failures).toEqual([
        {
          requestContext: {
            requestId: 'request-2',
            functionArn: FUNCTION_ARN,
            condition: 'RetryAttemptsExhausted',
            approximateInvokeCount: 2,
          },
          responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
          version: '1.0',
          timestamp: time,
          KinesisBatchInfo: {
            shardId: 'shardId-000000000000',
            startSequenceNumber: stream.sequenceNumbers[0],
            endSequenceNumber: stream.sequenceNumbers[1],
            approximateArrivalOfFirstRecord: time,
            approximateArrivalOfLastRecord: time,
            batchSize: 2,
            streamArn: stream.streamArn,
          },
        },
      ]);
      expect(mapping.stats()).toMatchObject({ recordsDone: 1, recordsDiscarded: 2, retries: 1 });
    },
  },
  {
    behaviour: 'to S3 goes the same, and the event as an escaped JSON string, under a key of shard and time',
    source: `${ERRORS}#kinesis-on-failure-destination-example-sns-sqs-s3`,
    prove: async () => {
      const settings = { maximumRetryAttempts: 0 };
      const { failures, objects, drain } = toyMapping(streamOf(['a', 'b']), throwsAt('a'), settings);
      await drain();
      const [{ key, body } = { key: '', body: { payload: '{}' } }] = objects;
      expect(key).toMatch(
        new RegExp(
          `^aws/lambda/${MAPPING_ID}/shardId-0{12}/\\d{4}/\\d\\d/\\d\\d/[\\d-]{10}T\\d\\d\\.\\d\\d\\.\\d\\d-[\\da-f-]{36}$`,
        ),
      );
      const { payload, ...message } = body;
      expect(message).toEqual(failures[0]);
      const { Records } = JSON.parse(payload) as { Records: { kinesis: { data: string } }[] };
      expect(Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString())).toEqual([
        'a',
        'b',
      ]);
    },
  },
  {
    behaviour:
      'records over the maximum age are given up undelivered: RecordAgeExceeded, without responseContext',
    source: ERRORS,
    prove: async () => {
      const stream = streamOf(['old', 'older'], { ageSeconds: 61 });
      stream.put([{ partitionKey: 'new', data: 'new' }]);
      const { mapping, calls, failures, drain } = toyMapping(stream, done, { maximumRecordAgeSeconds: 60 });
      await drain();
      expect(calls).toEqual([['new']]);
      expect(failures).toEqual([
        {
          requestContext: {
            requestId: expect.stringMatching(/^[\da-f-]{36}$/),
            functionArn: FUNCTION_ARN,
            condition: 'RecordAgeExceeded',
            approximateInvokeCount: 0,
          },
          version: '1.0',
          timestamp: time,
          KinesisBatchInfo: expect.objectContaining({ batchSize: 2 }),
        },
      ]);
      expect(mapping.stats()).toMatchObject({ recordsDone: 1, recordsDiscarded: 2 });
    },
  },
  {
    behaviour: 'endless retries end at the maximum age',
    source: ERRORS,
    prove: async () => {
      const stream = streamOf(['bad'], { ageSeconds: 59.5 });
      stream.put([{ partitionKey: 'good', data: 'good' }]);
      const settings = { maximumRecordAgeSeconds: 60, batchSize: 1 };
      const { mapping, calls, failures, drain } = toyMapping(stream, throwsAt('bad'), settings);
      await drain();
      expect(calls.at(-1)).toEqual(['good']);
      expect(calls.length).toBeGreaterThan(2);
      const condition = 'RecordAgeExceeded';
      const approximateInvokeCount = calls.length - 1;
      expect(failures).toMatchObject([{ requestContext: { condition, approximateInvokeCount } }]);
      expect(mapping.stats()).toMatchObject({ recordsDone: 1, recordsDiscarded: 1 });
    },
  },
  {
    behaviour: 'an invocation that Lambda throttles is made again, and costs no retry',
    source: ERRORS,
    prove: async () => {
      let calls = 0;
      const invoke = async () => {
        calls += 1;
        if (calls > 4) return { requestId: 'one', payload: null };
        throw Object.assign(new Error('Rate Exceeded.'), { name: 'TooManyRequestsException' });
      };
      const settings = { maximumRetryAttempts: 0 };
      const { mapping, failures, drain } = toyMapping(streamOf(['a']), done, settings, { invoke });
      await drain();
      expect(failures).toEqual([]);
      expect(mapping.stats()).toMatchObject({ refusals: 4, invocations: 1, retries: 0, recordsDone: 1 });
    },
  },
];
