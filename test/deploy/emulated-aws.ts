import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IAMClient } from '@aws-sdk/client-iam';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';

export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  // CloudFormation properties are whatever the type has.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly Properties: any;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

/** @throws Error where the variable is missing: the suites are started by `npm run test:deploy` */
export const fromRunner = (variable: string): string => {
  const value = process.env[variable];
  if (value === undefined) throw new Error(`${variable} is not set: use npm run test:deploy`);
  return value;
};

/** The variables that lead the command line to the emulated AWS, and to no other. */
export const emulatedAccount = (): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: fromRunner('DEPLOY_TEST_ENDPOINT'),
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
});

/** Clients of the emulated AWS. */
export const emulatedAws = () => {
  const config = {
    endpoint: fromRunner('DEPLOY_TEST_ENDPOINT'),
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const cloudFormation = new CloudFormationClient(config);
  return {
    cloudFormation,
    alarms: new CloudWatchClient(config),
    logs: new CloudWatchLogsClient(config),
    dynamodb: new DynamoDBClient(config),
    iam: new IAMClient(config),
    // HTTP/1: moto's server speaks no HTTP/2.
    kinesis: new KinesisClient({ ...config, requestHandler: new NodeHttpHandler() }),
    lambda: new LambdaClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    sqs: new SQSClient(config),
    /** The stack's outputs, by key. */
    outputs: async (stack: string): Promise<Readonly<Record<string, string>>> => {
      const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
      return Object.fromEntries(
        (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
      );
    },
    /** The template as it was deployed last. */
    template: async (stack: string): Promise<Template> => {
      const { TemplateBody = '' } = await cloudFormation.send(new GetTemplateCommand({ StackName: stack }));
      return JSON.parse(TemplateBody);
    },
  };
};
