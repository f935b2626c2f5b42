import type { Answer } from './toy-mapping.ts';

export interface Behaviour {
  readonly behaviour: string;
  /** The page of AWS that says so, or the recorded response that shows it. */
  readonly source: string;
  readonly prove: () => Promise<void>;
}

export const GUIDE = 'https://docs.aws.amazon.com/lambda/latest/dg';
export const POLLING = `${GUIDE}/with-kinesis.html#kinesis-polling-and-batching`;
export const BATCHING = `${GUIDE}/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching`;
export const PARTIAL = `${GUIDE}/services-kinesis-batchfailurereporting.html`;
export const ERRORS = `${GUIDE}/kinesis-on-failure-destination.html`;
export const FILTER = `${GUIDE}/with-kinesis-filtering.html`;
export const SYNTAX = `${GUIDE}/invocation-eventfiltering.html`;
export const LIMITS = 'https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html';
export const RESHARDING =
  'https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-after-resharding.html';
/** Answers of AWS itself, recorded by LocalStack in October 2024; `#` names the recording. */
export const RECORDED =
  'https://github.com/localstack/localstack/blob/bf2fc7a2707b0499e9fcb83637d6884ccde6fa24/tests/aws/services/lambda_/event_source_mapping/test_lambda_integration_kinesis.snapshot.json';

export const PARTIAL_ON = { reportBatchItemFailures: true } as const;
export const done: Answer = () => null;
export const json = (value: unknown): string => JSON.stringify(value);

/** A filter that lets inserts and changes pass: the service's own. */
export const CHANGES = [{ data: { eventName: ['INSERT', 'MODIFY'] } }];
