import middy from '@middy/core';
import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { deadlineOf } from './deadline.ts';
import { toStreamRecords } from '../pipeline/records/kinesis-event.ts';
import { labelBatch } from '../pipeline/label-batch.ts';
import { firstUndone } from '../pipeline/outcome.ts';
import { verification } from '../pipeline/verify-request.ts';
import { answerTelemetry } from '../telemetry/answers.ts';
import { batchMeter, telemetry } from '../telemetry/telemetry.ts';
import { wire } from '../wire/classify-stream.ts';

const report = telemetry();
const answers = answerTelemetry();

/** The adapters of the handler; a rejection before the first invocation fails the init. */
export const ready = wire(process.env, { onFault: report.modelFault, onUse: report.modelUse });

/** Labels a batch of change records; the response has the first record that is not done, if any. */
const classifyStream = async (
  event: KinesisStreamEvent,
  context: Context,
): Promise<KinesisStreamBatchResponse> => {
  const { meter, read } = batchMeter(answers);
  const batch = toStreamRecords(event);
  const { records, outcomes } = await labelBatch(batch, await ready, deadlineOf(context), meter);
  report.batch(records, outcomes, read(batch.at(-1)?.arrivedMs));
  answers.report();
  const undone = records[firstUndone(outcomes)]?.record;
  return { batchItemFailures: undone === undefined ? [] : [{ itemIdentifier: undone.sequenceNumber }] };
};

// The batch has its own deadline and reports what it has done; middy's would fail the whole batch.
export const handler = middy(classifyStream, { timeoutEarlyInMillis: 0 }).before(verification(() => ready));
