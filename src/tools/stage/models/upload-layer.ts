import { CloudFormationClient, DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import { PublishLayerVersionCommand, type PublishLayerVersionCommandInput } from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { must } from '../../../errors.ts';
import type { StageModels } from './stage-models.ts';

/**
 * The maximum size of a layer's zip archive in the call itself: 50 MB. Lambda reads a larger one from S3.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_DIRECT_BYTES = 50_000_000;

/**
 * Publishes a version of a layer. An archive that is too large for the call is stored in the stage's deployment bucket
 * until it is published.
 */
export const uploadLayer = async (
  stage: StageModels,
  layer: Omit<PublishLayerVersionCommandInput, 'Content'>,
  zip: Buffer,
  maxDirectBytes: number,
): Promise<{ readonly version: number; readonly arn: string }> => {
  const publish = async (Content: PublishLayerVersionCommandInput['Content']) => {
    const { Version, LayerVersionArn } = await stage.lambda.send(
      new PublishLayerVersionCommand({ ...layer, Content }),
    );
    return {
      version: must(Version, 'Version of PublishLayerVersion'),
      arn: must(LayerVersionArn, 'LayerVersionArn of PublishLayerVersion'),
    };
  };
  if (zip.length <= maxDirectBytes) return publish({ ZipFile: zip });

  const Bucket = await deploymentBucket(stage);
  const forcePathStyle = Boolean(process.env.AWS_ENDPOINT_URL);
  const s3 = stage.client((settings) => new S3Client({ ...settings, forcePathStyle }));
  const object = { Bucket, Key: `models/${layer.LayerName}.zip` };
  try {
    await s3.send(new PutObjectCommand({ ...object, Body: zip }));
    return await publish({ S3Bucket: object.Bucket, S3Key: object.Key });
  } finally {
    await s3.send(new DeleteObjectCommand(object));
  }
};

const deploymentBucket = async ({ client, names: { stackName } }: StageModels): Promise<string> => {
  const cloudFormation = client((settings) => new CloudFormationClient(settings));
  const { StackResourceDetail } = await cloudFormation.send(
    new DescribeStackResourceCommand({
      StackName: stackName,
      LogicalResourceId: 'ServerlessDeploymentBucket',
    }),
  );
  return must(StackResourceDetail?.PhysicalResourceId, `ServerlessDeploymentBucket of stack ${stackName}`);
};
