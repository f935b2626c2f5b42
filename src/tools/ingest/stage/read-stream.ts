import { DescribeStreamSummaryCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { DeployedStream } from '../../costs/deployed-stream.ts';

/** The mode of a Kinesis stream and its open shards. @throws what AWS answers where it cannot be asked */
export const readStream = async (
  settings: { readonly region: string; readonly maxAttempts: number },
  StreamName: string,
): Promise<Pick<DeployedStream, 'mode' | 'shards'>> => {
  // HTTP/1: emulators of Kinesis speak no HTTP/2.
  const kinesis = new KinesisClient({ ...settings, requestHandler: new NodeHttpHandler() });
  try {
    const { StreamDescriptionSummary: summary } = await kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName }),
    );
    const isOnDemand = summary?.StreamModeDetails?.StreamMode === 'ON_DEMAND';
    return { mode: isOnDemand ? 'ON_DEMAND' : 'PROVISIONED', shards: summary?.OpenShardCount ?? 0 };
  } finally {
    kinesis.destroy();
  }
};
