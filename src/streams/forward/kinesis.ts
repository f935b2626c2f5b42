import { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Forwarder } from '../../pipeline/destinations.ts';
import { putRecordsCall } from '../put-records.ts';
import type { SendOptions } from '../send-entries.ts';
import { batchForwarder, eventText, type OpenForwarder, orderKeyOf } from './batch-forwarder.ts';
import type { ForwardTarget } from './target.ts';

/** Events as records of a Kinesis stream, those of an item in their order: its name is the partition key, as a hash. */
export const kinesisForwarder = (
  client: KinesisClient,
  { arn, name }: ForwardTarget,
  rounds: Omit<SendOptions, 'concurrency'> = {},
): Forwarder => {
  const call = putRecordsCall(client, { stream: name, streamArn: arn });
  return batchForwarder(
    {
      ...call,
      // A stream that takes less refuses the record itself.
      maxEntryBytes: call.maxBytes,
      toEntry: (event) => ({ partitionKey: orderKeyOf(event), data: Buffer.from(eventText(event)) }),
    },
    rounds,
  );
};

export const openKinesis: OpenForwarder = (target, config) =>
  kinesisForwarder(new KinesisClient({ ...config, region: target.region }), target);
