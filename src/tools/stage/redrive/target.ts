import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeStreamSummaryCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { LOCAL_CREDENTIALS } from '../../emulators/aws/aws-clients.ts';
import { DEFAULT_REGION, firstRegion } from '../../serverless-yml/region.ts';
import { isNotThere, RedriveError, toldFirst } from './errors.ts';
import { type StageNames, stageNames } from '../../serverless-yml/names.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The stage that rejects are got back from, and into. */
export interface Target {
  readonly names: StageNames;
  readonly dynamodb: DynamoDBClient;
  readonly kinesis: KinesisClient;
  /** Absent where DynamoDB and Kinesis are emulated and SQS is not. */
  readonly sqs?: SQSClient;
  /** Where that is, for a person to check before anything is sent: account and region, or endpoints. */
  readonly place: string;
  close(): void;
}

export interface TargetOptions {
  readonly root: string;
  readonly stage: string;
  /** Otherwise AWS's own settings decide. */
  readonly region?: string;
  readonly environment?: Environment;
}

const endpointOf = (environment: Environment, service: string): string | undefined =>
  environment[`AWS_ENDPOINT_URL_${service}`] || environment.AWS_ENDPOINT_URL || undefined;

/**
 * Leads to a stage on AWS, by the default chain of credentials, or wherever `AWS_ENDPOINT_URL_*` point.
 *
 * @throws RedriveError where a part is emulated and another on AWS, or the stream is not there
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export const openTarget = async ({
  root,
  stage,
  region,
  environment = process.env,
}: TargetOptions): Promise<Target> => {
  const names = await stageNames(root, stage);
  const endpoints = {
    dynamodb: endpointOf(environment, 'DYNAMODB'),
    kinesis: endpointOf(environment, 'KINESIS'),
    sqs: endpointOf(environment, 'SQS'),
  };
  const emulated = endpoints.dynamodb !== undefined;
  if (emulated !== (endpoints.kinesis !== undefined) || (endpoints.sqs !== undefined && !emulated)) {
    throw new RedriveError(
      'Some of AWS_ENDPOINT_URL_DYNAMODB, _KINESIS and _SQS are set: set the first two or all, or none for AWS.',
    );
  }
  const settings = (endpoint: string | undefined) => clientSettings(endpoint, { region, environment });
  const dynamodb = new DynamoDBClient(settings(endpoints.dynamodb));
  const kinesis = new KinesisClient(settings(endpoints.kinesis));
  const hasQueue = endpoints.sqs !== undefined || !emulated;
  const sqs = hasQueue ? new SQSClient(settings(endpoints.sqs)) : undefined;
  const close = (): void => [dynamodb, kinesis, sqs].forEach((client) => client?.destroy());
  try {
    const where = Object.values(endpoints).filter((endpoint) => endpoint !== undefined);
    const [, , , streamRegion, account] = (await streamArn(kinesis, names.stream)).split(':');
    const place = [...new Set(where), `account ${account}`, streamRegion, `stage ${stage}`].join(', ');
    return { names, dynamodb, kinesis, ...(sqs && { sqs }), place, close };
  } catch (error) {
    close();
    throw error;
  }
};

const clientSettings = (
  endpoint: string | undefined,
  { region, environment }: { readonly region: string | undefined; readonly environment: Environment },
) => {
  // Nobody waits for these calls: throttling is waited out.
  const chosen = firstRegion(region, environment.AWS_REGION);
  const own = { maxAttempts: 8, ...(chosen !== undefined && { region: chosen }) };
  if (endpoint === undefined) return own;
  const { AWS_ACCESS_KEY_ID, AWS_PROFILE } = environment;
  return {
    region: DEFAULT_REGION,
    ...own,
    endpoint,
    ...(AWS_ACCESS_KEY_ID === undefined && AWS_PROFILE === undefined && { credentials: LOCAL_CREDENTIALS }),
    // kinesalite speaks HTTP/1 only, while the Kinesis client's own handler is HTTP/2.
    ...(endpoint.startsWith('http://') && { requestHandler: new NodeHttpHandler() }),
  };
};

const streamArn = async (kinesis: KinesisClient, StreamName: string): Promise<string> => {
  try {
    const answer = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
    return answer.StreamDescriptionSummary?.StreamARN ?? '';
  } catch (cause) {
    if (!isNotThere(cause)) throw toldFirst(cause);
    throw new RedriveError(`There is no stream ${StreamName}. Are stage, region and account right?`, {
      cause,
    });
  }
};
