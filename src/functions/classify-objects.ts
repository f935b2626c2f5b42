import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { deadlineOf } from './deadline.ts';
import { toMessages } from '../pipeline/objects/sqs-event.ts';
import { isReturned, workMessages } from '../pipeline/objects/work-messages.ts';
import { verification } from '../pipeline/verify-request.ts';
import { objectTelemetry } from '../telemetry/objects.ts';
import { answerTelemetry } from '../telemetry/answers.ts';
import { batchMeter } from '../telemetry/telemetry.ts';
import { wireObjects } from '../wire/objects.ts';

const report = objectTelemetry();
const answers = answerTelemetry();

/** The adapters of the handler; a rejection before the first invocation fails the init. */
export const ready = wireObjects(process.env, { onFault: report.modelFault, onUse: report.modelUse });

/** Classifies the objects, and shards of objects, that messages name; the response has those that are not done. */
const classifyObjects = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const { meter, read } = batchMeter(answers);
  const worked = await workMessages(toMessages(event), await ready, deadlineOf(context), meter);
  report.messages(worked, read());
  answers.report();
  return { batchItemFailures: worked.filter(isReturned).map(({ id }) => ({ itemIdentifier: id })) };
};

// Messages have their own deadline; middy's would fail the whole batch.
export const handler = middy(classifyObjects, { timeoutEarlyInMillis: 0 }).before(
  verification(async () => (await ready).verifying),
);
