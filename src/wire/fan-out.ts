import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { readFanOutConfig } from './config.ts';
import { textPlaces } from './text-places.ts';
import { patientRejects, patientStream } from '../stores/patient.ts';
import type { FanOutParts } from '../pipeline/fan-out/fan-out-batch.ts';
import { rejectsTable } from '../stores/rejects-table.ts';
import { putRecords } from '../streams/put-records.ts';

/**
 * Builds the adapters of the fan-out function from the environment, once, at module load. They have a file of their
 * own, so that its bundle contains no inference code, for which it has no layer.
 *
 * @throws ConfigError, which fails the function's init
 */
export const wireFanOut = (env: NodeJS.ProcessEnv = process.env): FanOutParts => {
  const config = readFanOutConfig(env);
  const dynamodb = new DynamoDBClient({ maxAttempts: 8 });
  // HTTP/1, like DynamoDB's client: calls are made one after another, and emulators of Kinesis do not support HTTP/2.
  const kinesis = new KinesisClient({ maxAttempts: 8, requestHandler: dynamodb.config.requestHandler });
  return {
    stream: patientStream(putRecords(kinesis, { stream: config.STREAM_NAME })),
    rejects: patientRejects(
      rejectsTable(dynamodb, { table: config.REJECTS_TABLE, ttlDays: config.REJECT_TTL_DAYS }),
    ),
    settings: {
      ...textPlaces(config),
      deadlineMarginMs: config.DEADLINE_MARGIN_MS,
    },
  };
};
