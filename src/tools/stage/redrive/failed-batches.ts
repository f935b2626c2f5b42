import * as z from 'zod';
import type { FailureMessage } from '../../emulators/event-source/failure-message.ts';
import { parseJson } from '../../parse-json.ts';

/** A batch that Lambda discarded, from its OnFailure message. */
export interface FailedBatch {
  readonly condition: string;
  /** `stream/shardId` */
  readonly shard: string;
  readonly stream: string;
  readonly shardId: string;
  readonly start: string;
  readonly end: string;
  /** How many records it had. Between its first and its last the shard may hold more: those of other batches. */
  readonly records: number;
  /** When it was discarded. */
  readonly failedAt: string;
}

const sequenceNumber = z.string().regex(/^\d+$/);
const BatchInfo = z.object({
  shardId: z.string(),
  startSequenceNumber: sequenceNumber,
  endSequenceNumber: sequenceNumber,
  batchSize: z.number(),
  streamArn: z.string(),
} satisfies { readonly [Name in keyof FailureMessage['KinesisBatchInfo']]?: z.ZodType });
const Message = z.object({
  timestamp: z.string(),
  requestContext: z.object({ condition: z.string() }),
  KinesisBatchInfo: BatchInfo.optional(),
  DDBStreamBatchInfo: BatchInfo.optional(),
});

/**
 * Reads the body of an OnFailure message of a Kinesis stream or, from the fan-out function, of a table's stream
 * (`table/stream/label`); undefined for anything else.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
export const toFailedBatch = (body: string): FailedBatch | undefined => {
  const { data } = Message.safeParse(parseJson(body));
  const info = data?.KinesisBatchInfo ?? data?.DDBStreamBatchInfo;
  if (data === undefined || info === undefined) return undefined;
  // arn:aws:kinesis:region:account:stream/name, arn:aws:dynamodb:region:account:table/name/stream/label
  const resource = info.streamArn.split(':').slice(5).join(':');
  const stream = resource.slice(resource.indexOf('/') + 1);
  return {
    condition: data.requestContext.condition,
    shard: `${stream}/${info.shardId}`,
    stream,
    shardId: info.shardId,
    start: info.startSequenceNumber,
    end: info.endSequenceNumber,
    records: info.batchSize,
    failedAt: data.timestamp,
  };
};
