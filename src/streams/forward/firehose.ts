import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import type { Forwarder } from '../../pipeline/destinations.ts';
import type { EntryAnswer, SendOptions } from '../send-entries.ts';
import { batchForwarder, eventText, type OpenForwarder } from './batch-forwarder.ts';
import type { ForwardTarget } from './target.ts';

/** Firehose takes 500 records and 4 MiB in a call, 1,000 KiB in a record. */
const MAX_RECORDS = 500;
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_RECORD_BYTES = 1_000 * 1_024;

/**
 * Events as lines of a Firehose stream: each ends with a newline, since Firehose puts records together as they are. It
 * keeps no order.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
 */
export const firehoseForwarder = (
  client: FirehoseClient,
  { name }: ForwardTarget,
  rounds: SendOptions = {},
): Forwarder =>
  batchForwarder<Buffer>(
    {
      ...{ call: 'PutRecordBatch', to: `Firehose stream ${name}`, maxEntries: MAX_RECORDS },
      ...{ maxBytes: MAX_BYTES, maxEntryBytes: MAX_RECORD_BYTES },
      toEntry: (event) => Buffer.from(`${eventText(event)}\n`),
      bytesOf: ({ length }) => length,
      send: async (records, { signal }) => {
        const command = new PutRecordBatchCommand({
          DeliveryStreamName: name,
          Records: records.map((Data) => ({ Data })),
        });
        const answer = await client.send(command, signal && { abortSignal: signal });
        return (answer.RequestResponses ?? []).map(
          ({ RecordId, ErrorCode }): EntryAnswer =>
            ErrorCode ?? (RecordId === undefined ? 'no answer' : undefined),
        );
      },
      // It refuses no record for what is in it, and a call for reasons that an operator has to resolve.
      isRefusal: () => false,
    },
    { concurrency: 2, ...rounds },
  );

export const openFirehose: OpenForwarder = (target, config) =>
  firehoseForwarder(new FirehoseClient({ ...config, region: target.region }), target);
