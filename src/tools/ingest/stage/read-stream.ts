import { DescribeStreamSummaryCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import type { DeployedStream } from '../../costs/deployed-stream.ts';
import { must } from '../../../errors.ts';

/** The mode of a Kinesis stream and its open shards. @throws the error of AWS where it cannot be read */
export const readStream = async (
  kinesis: KinesisClient,
  StreamName: string,
): Promise<Pick<DeployedStream, 'mode' | 'shards'>> => {
  const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
  const summary = must(StreamDescriptionSummary, `StreamDescriptionSummary of ${StreamName}`);
  return {
    mode: summary.StreamModeDetails?.StreamMode === 'ON_DEMAND' ? 'ON_DEMAND' : 'PROVISIONED',
    shards: must(summary.OpenShardCount, `OpenShardCount of ${StreamName}`),
  };
};
