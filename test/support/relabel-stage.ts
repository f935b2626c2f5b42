import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { startDynamoDb } from './dynamodb.ts';
import { s3World } from './embedded-s3.ts';
import { listening, noStackXml, stackXml } from './stack-answers.ts';
import { EXPORT_ID, exportFiles } from './table-export.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FUNCTION = 'labelstream-dev-classify-stream';
const QUEUE = 'arn:aws:batch:us-east-1:123456789012:job-queue/labelstream-dev-objects';

type Json = Readonly<Record<string, unknown>>;
type Variables = readonly { readonly name: string; readonly value: string }[];

interface Job {
  readonly jobId: string;
  readonly jobName: string;
  readonly jobDefinition: string;
  readonly size: number;
  readonly environment: Variables;
  status: string;
}

export interface RelabelStageOptions {
  /** Of the function, besides the names of its tables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether exports of the table can be made. */
  readonly isRecoverable?: boolean;
}

/**
 * A deployed stage with a table and jobs: the embedded DynamoDB and S3, point-in-time exports of the table, and answers of
 * CloudFormation, Lambda and AWS Batch. Jobs run when they are told to.
 */
export const startRelabelStage = async ({
  environment = {},
  isRecoverable = true,
}: RelabelStageOptions = {}) => {
  const [dynamodb, s3] = await Promise.all([startDynamoDb(), s3World(['labels', 'elsewhere'])]);
  const table = await dynamodb.createTable('id');
  const labels = await dynamodb.createTable('item', 'content');
  const variables = {
    ...{ DOCUMENTS_TABLE: table, LABELS_TABLE: labels, REJECTS_TABLE: table, MODEL: 'banking77-tfidf' },
    ...{ LABEL_STORE: 'update-item', MODELS_DIR: '/opt/models' },
    ...environment,
  };
  const jobs: Job[] = [];
  /** How many exports were started. */
  let exports = 0;

  const exported = async (Bucket: string, prefix: string, tableArn: string): Promise<void> => {
    const { Items = [] } = await dynamodb.client.send(new ScanCommand({ TableName: table }));
    for (const { key: Key, body: Body } of exportFiles({ tableArn, items: Items, prefix }))
      await s3.client.send(new PutObjectCommand({ Bucket, Key, Body }));
  };

  const tables = await listening(async (request, response) => {
    const body = await readText(request);
    const target = String(request.headers['x-amz-target']);
    const type = { 'content-type': 'application/x-amz-json-1.0' };
    const answer = (status: number, json: object) =>
      response.writeHead(status, type).end(JSON.stringify(json));
    if (target.endsWith('.ExportTableToPointInTime')) {
      if (!isRecoverable) {
        const name = 'com.amazonaws.dynamodb.v20120810#PointInTimeRecoveryUnavailableException';
        answer(400, { __type: name, message: 'off' });
        return;
      }
      const { S3Bucket, S3Prefix = '', TableArn } = JSON.parse(body) as Record<string, string>;
      exports += 1;
      await exported(String(S3Bucket), S3Prefix === '' ? '' : `${S3Prefix}/`, String(TableArn));
      const ExportArn = `${TableArn}/export/${S3Bucket}|${S3Prefix}`;
      answer(200, { ExportDescription: { ExportArn, ExportStatus: 'IN_PROGRESS' } });
      return;
    }
    if (target.endsWith('.DescribeExport')) {
      const { ExportArn = '' } = JSON.parse(body) as Record<string, string>;
      const [, bucket, prefix] = /export\/([^|]*)\|(.*)$/.exec(ExportArn) ?? [];
      const ExportManifest = `${prefix}/AWSDynamoDB/${EXPORT_ID}/manifest-summary.json`;
      answer(200, {
        ExportDescription: { ExportArn, ExportStatus: 'COMPLETED', S3Bucket: bucket, ExportManifest },
      });
      return;
    }
    const { authorization = '', 'x-amz-date': date } = request.headers;
    const headers = { ...type, 'x-amz-target': target, 'x-amz-date': String(date), authorization };
    const real = await fetch(dynamodb.endpoint, { method: 'POST', headers, body });
    response.writeHead(real.status, type).end(await real.text());
  });

  const definition = {
    jobDefinitionArn: 'arn:aws:batch:us-east-1:123456789012:job-definition/labelstream-dev-relabel:1',
    revision: 1,
    ecsProperties: {
      taskProperties: [
        {
          containers: [
            {
              environment: Object.entries({
                ...variables,
                ...{ RELABEL_PROGRESS: 's3://labels/.parts/relabel/', WORKERS: '1' },
              }).map(([name, value]) => ({ name, value })),
            },
          ],
        },
      ],
    },
  };
  const submitted = (body: Json): Job => {
    const override = body.ecsPropertiesOverride as {
      readonly taskProperties: readonly {
        readonly containers: readonly { readonly environment: Variables }[];
      }[];
    };
    const job: Job = {
      ...{ jobId: `job-${jobs.length + 1}`, status: 'RUNNABLE', jobName: String(body.jobName) },
      jobDefinition: `arn:aws:batch:us-east-1:123456789012:job-definition/${String(body.jobDefinition)}:1`,
      size: (body.arrayProperties as { readonly size?: number } | undefined)?.size ?? 1,
      environment: override.taskProperties[0]?.containers[0]?.environment ?? [],
    };
    jobs.push(job);
    return job;
  };
  const BATCH: Readonly<Record<string, (body: Json) => object>> = {
    describejobqueues: () => ({ jobQueues: [{ jobQueueArn: QUEUE }] }),
    describejobdefinitions: () => ({ jobDefinitions: [definition] }),
    submitjob: submitted,
    describejobs: (body) => ({
      jobs: jobs.filter(({ jobId }) => (body.jobs as readonly string[]).includes(jobId)),
    }),
    listjobs: (body) => ({ jobSummaryList: jobs.filter(({ status }) => status === body.jobStatus) }),
  };
  const others = await listening(async (request, response) => {
    const body = await readText(request);
    const json = (value: object) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const url = String(request.url);
    const ofBatch = BATCH[url.replace('/v1/', '')];
    if (ofBatch !== undefined) json(ofBatch(JSON.parse(body) as Json));
    else if (url.startsWith(`/2015-03-31/functions/${FUNCTION}/configuration?Qualifier=live`))
      json({ MemorySize: 1_769, Architectures: ['arm64'], Environment: { Variables: variables } });
    else {
      const name = /StackName=([^&]*)/.exec(body)?.[1] ?? '';
      const outputs = { DocumentsTableName: table, ClassifyStreamFunctionName: FUNCTION };
      const isDeployed = name === 'labelstream-dev';
      response
        .writeHead(isDeployed ? 200 : 400, { 'content-type': 'text/xml' })
        .end(isDeployed ? stackXml(outputs) : noStackXml(name));
    }
  });
  const env = {
    PATH: process.env.PATH,
    ...{ AWS_ENDPOINT_URL: others.url, AWS_ENDPOINT_URL_DYNAMODB: tables.url },
    ...{ AWS_ENDPOINT_URL_S3: s3.endpoint, AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' },
    ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
  };

  /** Runs a child of a job as AWS Batch does. @returns its exit status */
  const runChild = async ({ size, environment: own }: Job, index: number): Promise<number> => {
    const defined = definition.ecsProperties.taskProperties[0]?.containers[0]?.environment ?? [];
    const set = Object.fromEntries([...defined, ...own].map(({ name, value }) => [name, value]));
    const child = spawn(process.execPath, [join(ROOT, 'src', 'main.ts'), 'job', 'relabel'], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...{ ...env, ...set, MODELS_DIR: join(ROOT, 'models'), ORT_DISABLE_TELEMETRY: '1' },
        ...(size > 1 && {
          AWS_BATCH_JOB_ARRAY_INDEX: String(index),
          AWS_BATCH_JOB_ARRAY_SIZE: String(size),
        }),
      },
    });
    const [status] = await once(child, 'close');
    return status as number;
  };
  return {
    ...{ table, labels, env, dynamodb, s3: s3.client, jobs },
    exports: () => exports,
    /** Runs the children of the newest job, or some of them. */
    runJob: async (children?: readonly number[]): Promise<void> => {
      const job = jobs.at(-1);
      if (job === undefined) throw new Error('no job was submitted');
      const statuses: number[] = [];
      for (const index of children ?? Array.from({ length: job.size }, (_, child) => child))
        statuses.push(await runChild(job, index));
      const isDone = children === undefined && statuses.every((status) => status === 0);
      job.status = isDone ? 'SUCCEEDED' : 'FAILED';
    },
    stop: async () => {
      for (const { server } of [tables, others]) {
        server.closeAllConnections();
        server.close();
      }
      await Promise.all([dynamodb.stop(), s3.stop()]);
    },
  };
};
