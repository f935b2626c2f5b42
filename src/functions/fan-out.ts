import middy from '@middy/core';
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { deadlineOf } from './deadline.ts';
import { type DynamoDbEvent, toTableChanges } from '../pipeline/records/dynamodb-event.ts';
import { FAN_OUT_KINDS, fanOutBatch } from '../pipeline/fan-out/fan-out-batch.ts';
import { firstUndone } from '../pipeline/outcome.ts';
import { telemetry } from '../telemetry/telemetry.ts';
import { wireFanOut } from '../wire/fan-out.ts';

const parts = wireFanOut();
const report = telemetry('Changes', FAN_OUT_KINDS);

/** Forwards the changes of a table to a Kinesis stream; the response has the first that failed, if any. */
const fanOut = async (event: DynamoDBStreamEvent, context: Context): Promise<DynamoDBBatchResponse> => {
  const changes = toTableChanges(event as DynamoDbEvent);
  const outcomes = await fanOutBatch(changes, parts, deadlineOf(context));
  report.batch(changes, outcomes);
  const undone = changes[firstUndone(outcomes)];
  return { batchItemFailures: undone === undefined ? [] : [{ itemIdentifier: undone.sequenceNumber }] };
};

// The batch has its own deadline and reports what it has done; middy's would fail the whole batch.
export const handler = middy(fanOut, { timeoutEarlyInMillis: 0 });
