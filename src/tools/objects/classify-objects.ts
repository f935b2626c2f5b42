import { availableParallelism } from 'node:os';
import { must } from '../../errors.ts';
import { s3Objects } from '../../stores/objects/s3.ts';
import { buildFunction, type FunctionChoices } from '../build/built-function.ts';
import { buildObjects } from '../build/built-objects.ts';
import { objectClients } from '../emulators/aws/object-clients.ts';
import { startQueueMapping } from '../emulators/event-source/queue/mapping.ts';
import { createLambdaFunction } from '../emulators/lambda/function.ts';
import type { FunctionStats } from '../emulators/lambda/function-stats.ts';
import { createBuckets, createQueue, type InputFile, putFile } from './buckets.ts';
import { functionLog } from './function-log.ts';
import { type CheckedOutput, checkOutput, manifestsOf } from './outputs.ts';
import { startObjectsWorld } from './world.ts';

export interface ClassifyObjectsOptions extends Pick<FunctionChoices, 'model' | 'memory'> {
  readonly files: readonly InputFile[];
  /** Where outputs are fetched to. */
  readonly folder: string;
  /** As TEXT_ATTRIBUTES. */
  readonly textAttributes?: string | undefined;
  /** As QUESTION_ATTRIBUTE and CONTEXT_ATTRIBUTE. */
  readonly questionAttribute?: string | undefined;
  readonly contextAttribute?: string | undefined;
  /** Environments at a time; as many as there are CPUs, unless given. */
  readonly concurrency?: number | undefined;
  /** Shards that are done, and all that are known. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ObjectsRun {
  readonly outputs: readonly CheckedOutput[];
  /** What messages ended as. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Why files have no output. */
  readonly faults: readonly string[];
  /** From the first byte put to the last manifest. */
  readonly seconds: number;
  readonly stats: FunctionStats;
  /** Where the buckets are. */
  readonly endpoint: string;
  readonly outputBucket: string;
}

const OBJECTS = 'labelstream-local-objects';
const OUTPUT = 'labelstream-local-output';

/**
 * Puts files into a bucket of the embedded S3, or of AWS_ENDPOINT_URL_S3, has the built function classify them as on AWS,
 * by an event for each and a queue, and checks that each record has an answer.
 *
 * @param root the project's folder
 * @throws ConfigError, ModelError, UserError for invalid options; no process is left running in any case
 */
export const classifyObjects = async (root: string, options: ClassifyObjectsOptions): Promise<ObjectsRun> => {
  const { files } = options;
  const stream = await buildFunction(root, options);
  const { environment, spec } = await buildObjects(root, stream, options.memory);
  await using stack = new AsyncDisposableStack();
  const world = stack.adopt(await startObjectsWorld(), ({ stop }) => stop());
  const { s3, sqs, destroy } = objectClients(world.endpoints, { isOwn: world.isOwn });
  stack.defer(destroy);
  const { accessKeyId, secretAccessKey, sessionToken } = await s3.config.credentials();
  await createBuckets(s3, [OBJECTS, OUTPUT]);
  const queue = await createQueue(sqs, `${OBJECTS}-${process.pid}`, (6 * spec.timeoutMs) / 1000);
  world.route(OBJECTS, sqs, queue.url);

  const log = functionLog();
  const concurrency = options.concurrency ?? Math.min(10, availableParallelism());
  const progress = () => options.onProgress?.(log.done(), Math.max(files.length, log.planned()));
  const lambda = stack.adopt(
    createLambdaFunction({
      ...spec,
      maxEnvironments: concurrency,
      environment: {
        ...environment,
        ...world.endpoints,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
        QUEUE_URL: queue.url,
        OUTPUT_BUCKET: OUTPUT,
        ...(options.textAttributes !== undefined && { TEXT_ATTRIBUTES: options.textAttributes }),
        ...(options.questionAttribute !== undefined && { QUESTION_ATTRIBUTE: options.questionAttribute }),
        ...(options.contextAttribute !== undefined && { CONTEXT_ATTRIBUTE: options.contextAttribute }),
      },
      onLog: (line) => {
        log.add(line);
        progress();
      },
    }),
    ({ close }) => close(),
  );
  const from = performance.now();
  const mapping = stack.adopt(
    startQueueMapping({
      ...{ sqs, queueUrl: queue.url, queueArn: queue.arn, invoke: lambda.invoke },
      settings: { batchSize: 1, maximumConcurrency: concurrency, reportBatchItemFailures: true },
      pace: { waitSeconds: 1 },
    }),
    ({ stop }) => stop(),
  );
  const etags = new Map<string, string>();
  for (const file of files) {
    const etag = await putFile(s3, OBJECTS, file);
    etags.set(file.key, etag);
    await world.delivered({ ...file, etag });
  }
  // What fails would wait, on AWS, for an operator or for the end of an outage.
  await Promise.race([mapping.drained(), log.failed]);
  const seconds = (performance.now() - from) / 1000;
  const stats = lambda.stats();
  await lambda.close();
  const store = s3Objects(s3);
  const manifests = await manifestsOf(store, OUTPUT, etags);
  const outputs: CheckedOutput[] = [];
  for (const file of files)
    for (const manifest of manifests.filter(({ source }) => source.key === file.key))
      outputs.push(await checkOutput(store, manifest, file, options.folder));
  return {
    ...{ outputs, outcomes: log.outcomes(), seconds, stats, outputBucket: OUTPUT },
    faults: [
      ...log.faults(),
      ...files
        .filter(({ key }) => !outputs.some((output) => output.key === key))
        .map(({ key }) => `${key} has no manifest`),
    ],
    endpoint: must(world.endpoints.AWS_ENDPOINT_URL_S3, 'AWS_ENDPOINT_URL_S3'),
  };
};
