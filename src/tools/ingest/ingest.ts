import { readConfig } from '../../wire/config.ts';
import { ConfigError, must } from '../../errors.ts';
import { wire } from '../../wire/classify-stream.ts';
import { requireClassifiers } from '../classifies.ts';
import type { Disturbance, Inspection } from './disturbance.ts';
import { localClients } from '../emulators/aws/aws-clients.ts';
import { buildFunction, type FunctionChoices } from '../build/built-function.ts';
import { costOfRun } from '../costs/ingest-cost.ts';
import { defaultStream } from '../costs/deployed-stream.ts';
import { type Emulators, startEmulators } from '../emulators/aws/emulators.ts';
import { startEventSourceMapping } from '../emulators/event-source/mapping.ts';
import { failedBatches } from './failed-batches.ts';
import { type MessagesOptions, messages } from './input/input.ts';
import { createLambdaFunction } from '../emulators/lambda/function.ts';
import { outcomeLog } from './outcome-log.ts';
import { produce } from './producer.ts';
import { countRejects } from './verify/rejects.ts';
import { accuracyOf, type IngestReport, type IngestSoFar } from './report.ts';
import { createStream, createTables, removeTables } from '../emulators/aws/tables.ts';
import { createHistogram } from '../emulators/lambda/histogram.ts';
import { latencyOf } from './latency.ts';
import { recordTimeline } from './timeline.ts';
import { verify } from './verify/verify.ts';

export interface IngestOptions extends MessagesOptions, FunctionChoices {
  /** Records of a batch; all of these are as in `serverless.yml` unless given. */
  readonly batchSize?: number | undefined;
  /** Seconds that a batch waits to fill. */
  readonly window?: number | undefined;
  readonly shards?: number | undefined;
  /** Concurrent batches per shard. */
  readonly concurrency?: number | undefined;
  /** Called as records end up in the stream and come out of it. */
  readonly onProgress?: (progress: { readonly produced: number; readonly done: number }) => void;
  /** Receives, as the first record is about to be written, a function that reads how far the ingest is. */
  readonly onStart?: (read: () => IngestSoFar) => void;
  /** Without the mapping's filter, as the parameter `filter: none` has it. */
  readonly unfiltered?: boolean | undefined;
  /** Intercepts the parts, makes a history of the messages and injects faults; `npm start -- --chaos`. */
  readonly disturbance?: Disturbance | undefined;
  /** Receives the results of a disturbance at the end. */
  readonly onInspected?: (inspection: Inspection) => void;
  /** Bytes of a text, on average; as of generated messages unless given. Costs depend on it. */
  readonly textLength?: number | undefined;
  /** Gets every line of the function's log. */
  readonly onLog?: (line: string) => void;
}

/**
 * Ingests messages end to end through embedded DynamoDB and Kinesis and the built function, and checks every label.
 *
 * @param root the project's folder
 * @returns its usage, and the lost or wrong labels
 * @throws InputError, ConfigError, ModelError or UserError for invalid options; no process is left running in any case
 */
export const ingest = async (root: string, options: IngestOptions): Promise<IngestReport> => {
  const { service, definition, environment, spec } = await buildFunction(root, options);
  const stream = must(service.streams.ChangesStream, 'stream ChangesStream of serverless.yml');
  const settings = mappingSettings(definition.mapping, options);
  const shards = options.shards ?? stream.shards;
  const config = readConfig(environment);
  const { models, settings: documents } = await wire(environment);
  if (options.disturbance !== undefined) requireClassifiers('npm start -- --chaos', models.resolve());

  await using stack = new AsyncDisposableStack();
  const emulators = stack.adopt(await emulatedOrOwn(config.LABEL_STORE), ({ stop }) => stop());
  const clients = stack.adopt(localClients(emulators.endpoints), async ({ destroy }) => destroy());
  await createTables(clients.dynamodb, service);
  const streamArn = await createStream(clients.kinesis, { name: stream.name, shards });
  // Deletes only what was created here: on another server, tables of these names may belong to others.
  stack.defer(() => removeTables(clients, service, stream.name));
  const { disturbance } = options;
  if (disturbance !== undefined) stack.defer(disturbance.stop);
  // The clients of the function and its mapping.
  const endpoints = await (disturbance?.intercept(emulators.endpoints, config.REJECTS_TABLE) ??
    emulators.endpoints);
  const { kinesis } = stack.adopt(localClients(endpoints), async ({ destroy }) => destroy());

  const log = outcomeLog();
  let [produced, coldStarts, lastMemoryMB] = [0, 0, 0];
  const timeline = recordTimeline(() => ({
    ...{ produced, done: log.done(), coldStarts, memoryMB: lastMemoryMB },
    faults: sumOf(disturbance?.faults()),
  }));
  const progress = () => {
    timeline.add();
    options.onProgress?.({ produced, done: log.done() });
  };
  const lambda = stack.adopt(
    createLambdaFunction({
      ...spec,
      maxEnvironments: shards * settings.parallelizationFactor,
      environment: { ...environment, ...endpoints },
      onInvoke: disturbance?.onInvoke,
      onReport: ({ initMs, maxMemoryMB }) => {
        if (initMs !== undefined) coldStarts += 1;
        lastMemoryMB = maxMemoryMB;
      },
      onLog: (line) => {
        log.add(line);
        options.onLog?.(line);
        progress();
      },
    }),
    ({ close }) => close(),
  );

  const failed = failedBatches({ kinesis: clients.kinesis, names: { stream: stream.name } });
  const latency = createHistogram();
  const from = performance.now();
  options.onStart?.(() => ({
    ...{ records: options.records, seconds: (performance.now() - from) / 1000 },
    ...log.counts(),
    ...log.measures(),
    ...lambda.stats(),
    ...{ timeline: timeline.read(), batches: log.batches(), latencyMs: latencyOf(latency) },
  }));
  const mapping = stack.adopt(
    startEventSourceMapping({
      kinesis,
      streamName: stream.name,
      streamArn,
      invoke: lambda.invoke,
      settings,
      onFailure: failed.onFailure,
      onSettled: (records, how) => {
        const now = Date.now();
        if (how === 'done') for (const { arrivedMs } of records) latency.add(now - arrivedMs);
      },
    }),
    ({ stop }) => stop(),
  );
  const key = must(config.KEY_ATTRIBUTES[0], 'key attribute of serverless.yml');
  const records = await (disturbance?.produce ?? produce)(messages(options), clients, {
    table: config.DOCUMENTS_TABLE,
    key,
    stream: stream.name,
    attributes: {
      text: must(config.TEXT_ATTRIBUTES[0], 'text attribute of serverless.yml').name,
      question: config.QUESTION_ATTRIBUTE.name,
      context: config.CONTEXT_ATTRIBUTE.name,
    },
    onProduced: (count) => {
      produced = count;
      progress();
    },
  });
  await mapping.drained();
  const redriven = await failed.redrive(mapping.drained);
  const seconds = (performance.now() - from) / 1000;
  const moments = timeline.read();

  const { invocations, coldStarts: starts, initMs, durationMs, billedMs, memoryMB } = lambda.stats();
  await lambda.close();
  const verification = await verify(clients.dynamodb, models, {
    settings: documents,
    ...(config.LABEL_STORE === 'labels-table' && {
      labelsTable: must(config.LABELS_TABLE, 'LABELS_TABLE of serverless.yml'),
    }),
  });
  const inspection = await disturbance?.inspect(clients.dynamodb, {
    documents: config.DOCUMENTS_TABLE,
    key,
    rejects: config.REJECTS_TABLE,
  });
  if (inspection !== undefined) options.onInspected?.(inspection);
  const { failed: _, ...outcomes } = log.counts();
  const defaults = models.resolve().map(({ id }) => id);
  return {
    records,
    ...verification,
    resurrected: inspection?.resurrected ?? 0,
    ...outcomes,
    ...log.measures(),
    redriven,
    seconds: Math.round(seconds * 1000) / 1000,
    recordsPerSecond: Math.round(records / seconds),
    invocations,
    batchSize: settings.batchSize,
    shards,
    concurrency: settings.parallelizationFactor,
    coldStarts: starts,
    initMs,
    durationMs,
    billedMs,
    memoryMB,
    model: defaults.join(', '),
    ...accuracyOf(verification.models, defaults[0]),
    rejects: await countRejects(clients.dynamodb, config.REJECTS_TABLE),
    chaos: null,
    timeline: moments,
    batches: log.batches(),
    latencyMs: latencyOf(latency),
    cost: costOfRun(
      {
        records,
        invocations,
        billedMs,
        memoryMB: memoryMB.configured,
        writes: outcomes.labelled + outcomes.unchanged + outcomes.rejected,
      },
      { stream: await defaultStream(root), labelStore: config.LABEL_STORE, textLength: options.textLength },
    ),
  };
};

const sumOf = (counts: Readonly<Record<string, number>> = {}): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Starts emulators for the services without an `AWS_ENDPOINT_URL_…`. @returns all endpoints */
const emulatedOrOwn = async (store: string): Promise<Emulators> => {
  const { AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_KINESIS } = process.env;
  if (store === 'partiql' && !AWS_ENDPOINT_URL_DYNAMODB) {
    throw new ConfigError(
      'the embedded DynamoDB has no PartiQL: set AWS_ENDPOINT_URL_DYNAMODB or use update-item',
    );
  }
  const { endpoints, stop } = await startEmulators({
    services: [
      ...(AWS_ENDPOINT_URL_DYNAMODB ? [] : (['dynamodb'] as const)),
      ...(AWS_ENDPOINT_URL_KINESIS ? [] : (['kinesis'] as const)),
    ],
  });
  return {
    endpoints: {
      ...endpoints,
      ...(AWS_ENDPOINT_URL_DYNAMODB && { AWS_ENDPOINT_URL_DYNAMODB }),
      ...(AWS_ENDPOINT_URL_KINESIS && { AWS_ENDPOINT_URL_KINESIS }),
    },
    stop,
  };
};

const mappingSettings = (mapping: Readonly<Record<string, unknown>>, options: IngestOptions) => ({
  batchSize: options.batchSize ?? Number(mapping.batchSize),
  windowSeconds: options.window ?? Number(mapping.batchWindow),
  parallelizationFactor: options.concurrency ?? Number(mapping.parallelizationFactor),
  maximumRetryAttempts: Number(mapping.maximumRetryAttempts),
  maximumRecordAgeSeconds: Number(mapping.maximumRecordAgeInSeconds),
  bisectBatchOnFunctionError: mapping.bisectBatchOnFunctionError === true,
  reportBatchItemFailures: mapping.functionResponseType === 'ReportBatchItemFailures',
  startingPosition: 'TRIM_HORIZON' as const,
  // Null for the parameter filter=none.
  filterPatterns: options.unfiltered ? [] : ((mapping.filterPatterns ?? []) as readonly unknown[]),
});
