import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type Config, readConfig } from '../../../wire/config.ts';
import { ModelError, must } from '../../../errors.ts';
import type { Models } from '../../../tasks/model.ts';
import { wire } from '../../../wire/classify-stream.ts';
import type { DeployedStream } from '../../costs/deployed-stream.ts';
import { modelNames } from '../../serverless-yml/names.ts';
import { openStage, placeOf, type Stage, type StageOptions } from '../../stage/stage.ts';
import { readStream } from './read-stream.ts';
import { failedCall } from '../../aws-fault.ts';
import { UserError } from '../../user-error.ts';

/** A deployed stage to ingest into: its resources, the function's settings, and the clients. */
export interface LiveStage extends Stage {
  /** Identifies this deployment: a stack that is removed and deployed again has another one. */
  readonly stackId: string;
  /** Account, region and names, for a person to check before anything is written. */
  readonly place: string;
  readonly functionName: string;
  /** The function's settings behind the alias `live`. */
  readonly config: Config;
  readonly memoryMB: number;
  readonly architecture: 'arm64' | 'x86_64';
  /** How changes get to the function. */
  readonly stream: () => Promise<DeployedStream>;
  /** The models of this checkout; undefined where the stage's default model is not among them. */
  readonly models: Models | undefined;
  readonly dynamodb: DynamoDBClient;
  readonly logs: CloudWatchLogsClient;
  readonly cloudwatch: CloudWatchClient;
}

/**
 * Finds a deployed stage through its stack's outputs and its function's settings, with the default credential provider
 * chain, or at the endpoints of `AWS_ENDPOINT_URL…`. It only reads.
 *
 * @throws UserError where credentials or the stack are missing, or the stack is incomplete
 */
export const openLiveStage = async (options: StageOptions): Promise<LiveStage> => {
  const { root, stage: name } = options;
  const { stackName } = await modelNames(root, name);
  const stage = await openStage(options);
  const { client } = stage;
  const lambda = client((settings) => new LambdaClient(settings));
  const cloudformation = client((settings) => new CloudFormationClient(settings));
  try {
    const { stackId, outputs, has } = await describe(cloudformation, stage, stackName);
    const functionName = outputs('ClassifyStreamFunctionName');
    const table = outputs('DocumentsTableName');
    const deployed = await functionSettings(lambda, functionName);
    const config = readConfig({ ...deployed.environment, DOCUMENTS_TABLE: table });
    // These calls have no deadline: throttled calls are retried more often than by the SDK's default.
    const maxAttempts = Number(process.env.AWS_MAX_ATTEMPTS ?? 10);
    const dynamodb = client(
      (settings) => new DynamoDBClient({ ...settings, maxAttempts, retryMode: 'adaptive' }),
    );
    const logs = client((settings) => new CloudWatchLogsClient(settings));
    const cloudwatch = client((settings) => new CloudWatchClient(settings));
    // HTTP/1: emulators of Kinesis do not support HTTP/2.
    const kinesis = client(
      (settings) => new KinesisClient({ ...settings, requestHandler: new NodeHttpHandler() }),
    );
    return {
      ...stage,
      stackId,
      place: `${placeOf(stage, stackId)}, table ${table}, function ${functionName}, model ${config.MODEL.join(', ')}`,
      functionName,
      config,
      memoryMB: deployed.memoryMB,
      architecture: deployed.architecture,
      stream: async () => ({
        ...(await readStream(kinesis, outputs('ChangesStreamName'))),
        fanOut: has('FanOutFunctionName') ? 'function' : 'native',
      }),
      models: await localModels(root, deployed.environment),
      dynamodb,
      logs,
      cloudwatch,
    };
  } catch (error) {
    stage.close();
    throw error;
  }
};

const describe = async (client: CloudFormationClient, { name: stage, region }: Stage, StackName: string) => {
  let stack: Stack | undefined;
  try {
    stack = (await client.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0];
  } catch (cause) {
    const isMissing = cause instanceof Error && /does not exist/.test(cause.message);
    if (!isMissing) throw failedCall(`Looking for stack ${StackName}`, cause);
  }
  if (stack === undefined) {
    throw new UserError(
      `Stack ${StackName} does not exist in ${region}. Deploy it with "npx serverless deploy --stage ${stage}", or give the right --stage and --region.`,
    );
  }
  const { StackStatus = '', Outputs = [] } = stack;
  const outputs = (name: string): string => {
    const value = Outputs.find(({ OutputKey }) => OutputKey === name)?.OutputValue;
    if (value !== undefined && value !== '') return value;
    throw new UserError(
      `Stack ${StackName} (${StackStatus}) has no output ${name}. Deploy it again with "npx serverless deploy --stage ${stage}".`,
    );
  };
  const has = (name: string): boolean => Outputs.some(({ OutputKey }) => OutputKey === name);
  return { stackId: must(stack.StackId, `StackId of ${StackName}`), outputs, has };
};

const functionSettings = async (client: LambdaClient, FunctionName: string) => {
  try {
    const { Environment, MemorySize, Architectures } = await client.send(
      new GetFunctionConfigurationCommand({ FunctionName, Qualifier: 'live' }),
    );
    return {
      environment: Environment?.Variables ?? {},
      memoryMB: must(MemorySize, `MemorySize of function ${FunctionName}`),
      architecture: Architectures?.[0] === 'x86_64' ? ('x86_64' as const) : ('arm64' as const),
    };
  } catch (cause) {
    throw failedCall(`Reading the settings of function ${FunctionName}, alias live,`, cause);
  }
};

/** The function's models in this checkout, to classify its texts again. */
const localModels = async (
  root: string,
  environment: Readonly<Record<string, string>>,
): Promise<Models | undefined> => {
  try {
    const { models } = await wire({ ...environment, MODELS_DIR: join(root, 'models') });
    return models;
  } catch (error) {
    if (error instanceof ModelError) return undefined;
    throw error;
  }
};
