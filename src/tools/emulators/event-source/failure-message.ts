import type { ShardRecord, ShardSource } from './lambda-event.ts';

/** Why records were discarded. */
export type FailureCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/** The message to an on-failure destination about a discarded batch: its place in the stream, not its data. */
export interface FailureMessage {
  readonly requestContext: {
    readonly requestId: string;
    readonly functionArn: string;
    readonly condition: FailureCondition;
    readonly approximateInvokeCount: number;
  };
  /** Absent when the records grew too old: there is no answer that this is about. */
  readonly responseContext?: {
    readonly statusCode: number;
    readonly executedVersion: string;
    readonly functionError: string | null;
  };
  readonly version: '1.0';
  readonly timestamp: string;
  readonly KinesisBatchInfo: {
    readonly shardId: string;
    readonly startSequenceNumber: string;
    readonly endSequenceNumber: string;
    readonly approximateArrivalOfFirstRecord: string;
    readonly approximateArrivalOfLastRecord: string;
    readonly batchSize: number;
    readonly streamArn: string;
  };
}

/**
 * @param records not empty
 * @param functionError whether the last answer was an error: AWS then sends `Unhandled`, and null for a partial failure
 * @see https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export const failureMessage = (
  records: readonly ShardRecord[],
  { shardId, streamArn }: ShardSource,
  requestContext: FailureMessage['requestContext'],
  functionError: boolean,
): FailureMessage => {
  const first = records[0];
  const last = records.at(-1);
  if (first === undefined || last === undefined) throw new Error('A failure message needs a record');
  const aged = requestContext.condition === 'RecordAgeExceeded';
  return {
    requestContext,
    ...(!aged && {
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        functionError: functionError ? 'Unhandled' : null,
      },
    }),
    version: '1.0',
    timestamp: new Date().toISOString(),
    KinesisBatchInfo: {
      shardId,
      startSequenceNumber: first.sequenceNumber,
      endSequenceNumber: last.sequenceNumber,
      approximateArrivalOfFirstRecord: new Date(first.arrivedMs).toISOString(),
      approximateArrivalOfLastRecord: new Date(last.arrivedMs).toISOString(),
      batchSize: records.length,
      streamArn,
    },
  };
};
