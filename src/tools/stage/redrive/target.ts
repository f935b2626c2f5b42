import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeStreamSummaryCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { LOCAL_CREDENTIALS } from '../../emulators/aws/aws-clients.ts';
import { must } from '../../../errors.ts';
import { openStage, placeOf, type Stage, type StageOptions } from '../stage.ts';
import { type StageNames, stageNames } from '../../serverless-yml/names.ts';
import { awsFault, isNotFound } from '../../aws-fault.ts';
import { UserError } from '../../user-error.ts';

type Environment = NodeJS.ProcessEnv;

/** The stage whose rejects are recovered and sent again. */
export interface Target extends Pick<Stage, 'close'> {
  readonly names: StageNames;
  readonly dynamodb: DynamoDBClient;
  readonly kinesis: KinesisClient;
  /** Absent where DynamoDB and Kinesis are emulated and SQS is not. */
  readonly sqs?: SQSClient;
  /** Where that is, for a person to check before anything is sent: account and region, or endpoints. */
  readonly place: string;
}

const endpointOf = (environment: Environment, service: string): string | undefined =>
  environment[`AWS_ENDPOINT_URL_${service}`] || environment.AWS_ENDPOINT_URL || undefined;

/**
 * Opens a stage on AWS, with the default credential provider chain, or at the endpoints of `AWS_ENDPOINT_URL_*`.
 *
 * @throws UserError where one service is emulated and another on AWS, or the stream does not exist
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export const openTarget = async (options: StageOptions): Promise<Target> => {
  const { root, stage: name, environment = process.env } = options;
  const names = await stageNames(root, name);
  const endpoints = {
    dynamodb: endpointOf(environment, 'DYNAMODB'),
    kinesis: endpointOf(environment, 'KINESIS'),
    sqs: endpointOf(environment, 'SQS'),
  };
  const emulated = endpoints.dynamodb !== undefined;
  if (emulated !== (endpoints.kinesis !== undefined) || (endpoints.sqs !== undefined && !emulated)) {
    throw new UserError(
      'Some of AWS_ENDPOINT_URL_DYNAMODB, _KINESIS and _SQS are set: set the first two or all, or none for AWS.',
    );
  }
  const stage = await openStage(options);
  const { client, close } = stage;
  const at = (endpoint: string | undefined) => endpointSettings(endpoint, environment);
  const dynamodb = client((settings) => new DynamoDBClient({ ...settings, ...at(endpoints.dynamodb) }));
  const kinesis = client((settings) => new KinesisClient({ ...settings, ...at(endpoints.kinesis) }));
  const hasQueue = endpoints.sqs !== undefined || !emulated;
  const sqs = hasQueue
    ? client((settings) => new SQSClient({ ...settings, ...at(endpoints.sqs) }))
    : undefined;
  try {
    const where = Object.values(endpoints).filter((endpoint) => endpoint !== undefined);
    const place = placeOf(stage, await streamArn(kinesis, names.stream));
    return {
      names,
      dynamodb,
      kinesis,
      ...(sqs && { sqs }),
      place: [...new Set(where), place].join(', '),
      close,
    };
  } catch (error) {
    close();
    throw awsFault(error, 'looking at the stream');
  }
};

/** Client options for an emulated service. */
const endpointSettings = (endpoint: string | undefined, environment: Environment) => {
  if (endpoint === undefined) return {};
  const { AWS_ACCESS_KEY_ID, AWS_PROFILE } = environment;
  return {
    endpoint,
    ...(AWS_ACCESS_KEY_ID === undefined && AWS_PROFILE === undefined && { credentials: LOCAL_CREDENTIALS }),
    // kinesalite supports HTTP/1 only, while the Kinesis client's own handler is HTTP/2.
    ...(endpoint.startsWith('http://') && { requestHandler: new NodeHttpHandler() }),
  };
};

const streamArn = async (kinesis: KinesisClient, StreamName: string): Promise<string> => {
  try {
    const answer = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
    return must(answer.StreamDescriptionSummary?.StreamARN, `StreamARN of ${StreamName}`);
  } catch (cause) {
    if (!isNotFound(cause)) throw cause;
    throw new UserError(`Stream ${StreamName} not found. Check stage, region and account.`, {
      cause,
    });
  }
};
