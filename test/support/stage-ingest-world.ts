import { join } from 'node:path';
import { json as readJson, text as readText } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildFunction } from '../../src/tools/build/built-function.ts';
import { changeRecordJson } from '../../src/tools/emulators/aws/native-fan-out.ts';
import { localClients } from '../../src/tools/emulators/aws/aws-clients.ts';
import { startEmulators } from '../../src/tools/emulators/aws/emulators.ts';
import { startEventSourceMapping } from '../../src/tools/emulators/event-source/mapping.ts';
import { createLambdaFunction } from '../../src/tools/emulators/lambda/function.ts';
import { putAll } from '../../src/tools/ingest/producer.ts';
import { createStream, createTables } from '../../src/tools/emulators/aws/tables.ts';
import type { Item } from '../../src/stores/dynamodb/batch-write.ts';
import { listening, noStackXml, stackXml } from './stack-answers.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FUNCTION = 'labelstream-dev-classify-stream';

/**
 * A stage as it is when deployed: the embedded DynamoDB, Kinesis, event source mapping and function, a table that
 * sends what is put into it to the stream, and answers of CloudFormation, Lambda and CloudWatch Logs about them.
 */
export const startStage = async ({ store = 'update-item' } = {}) => {
  const { service, definition, environment, spec } = await buildFunction(ROOT, { store });
  const emulators = await startEmulators();
  const clients = localClients(emulators.endpoints);
  await createTables(clients.dynamodb, service);
  const { name: stream = '' } = service.streams.ChangesStream ?? {};
  const streamArn = await createStream(clients.kinesis, { name: stream, shards: 1 });
  const table = environment.DOCUMENTS_TABLE ?? '';

  const log: { timestamp: number; message: string }[] = [];
  const lambda = createLambdaFunction({
    ...spec,
    maxEnvironments: 2,
    environment: { ...environment, ...emulators.endpoints },
    onLog: (message) => log.push({ timestamp: Date.now(), message }),
  });
  const mapping = startEventSourceMapping({
    kinesis: clients.kinesis,
    streamName: stream,
    streamArn,
    invoke: lambda.invoke,
    settings: {
      batchSize: 200,
      windowSeconds: 0,
      parallelizationFactor: 2,
      maximumRetryAttempts: 10,
      maximumRecordAgeSeconds: 86_400,
      bisectBatchOnFunctionError: true,
      reportBatchItemFailures: true,
      startingPosition: 'TRIM_HORIZON',
      filterPatterns: [],
    },
  });

  const state = {
    /** Keys of items that were put, in order, each time they were. */
    put: [] as string[],
    /** Calls to refuse for throttling before one is taken. */
    throttles: 0,
    /** ms that a write takes. */
    delayMs: 0,
    /** Whether what is put reaches the stream. */
    isStreaming: true,
  };

  const sendOn = async (items: readonly Item[]): Promise<void> => {
    state.put.push(...items.map(({ id }) => id?.S ?? ''));
    if (!state.isStreaming) return;
    const records = items.map((newImage) => {
      const keys = { id: newImage.id ?? { S: '' } };
      const createdMicros = Date.now() * 1000;
      const change = changeRecordJson({ eventName: 'INSERT', table, keys, newImage, createdMicros });
      return { data: Buffer.from(change), partitionKey: keys.id.S ?? '' };
    });
    await putAll(clients.kinesis, stream, records);
  };

  const dynamodb = await listening(async (request, response) => {
    const body = await readText(request);
    const target = String(request.headers['x-amz-target']);
    const isWrite = target.endsWith('.BatchWriteItem');
    if (isWrite && state.throttles > 0) {
      state.throttles -= 1;
      const type = 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException';
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: type, message: 'slow down' }));
      return;
    }
    if (isWrite) await sleep(state.delayMs);
    const answer = await fetch(emulators.endpoints.AWS_ENDPOINT_URL_DYNAMODB ?? '', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': target,
        'x-amz-date': String(request.headers['x-amz-date']),
        authorization: String(request.headers.authorization),
      },
      body,
    });
    const said = await answer.text();
    if (isWrite && answer.ok) {
      const { RequestItems } = JSON.parse(body) as {
        RequestItems: Record<string, { PutRequest: { Item: Item } }[]>;
      };
      await sendOn((RequestItems[table] ?? []).map(({ PutRequest }) => PutRequest.Item));
    }
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(said);
  });

  const others = await listening(async (request, response) => {
    const target = request.headers['x-amz-target'];
    if (target === 'Logs_20140328.FilterLogEvents') {
      const { startTime = 0 } = (await readJson(request)) as { startTime?: number };
      const events = log.filter(({ timestamp }) => timestamp >= startTime);
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ events }));
      return;
    }
    if (request.url?.startsWith(`/2015-03-31/functions/${FUNCTION}/configuration?Qualifier=live`)) {
      const configuration = {
        FunctionName: FUNCTION,
        MemorySize: definition.memoryMB,
        Architectures: ['arm64'],
        Environment: { Variables: { ...environment, MODELS_DIR: '/opt/models' } },
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(configuration));
      return;
    }
    const body = await readText(request);
    const name = /StackName=([^&]*)/.exec(body)?.[1];
    if (name === undefined) {
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"__type":"AccessDenied"}');
      return;
    }
    const isDeployed = name === 'labelstream-dev';
    const outputs = {
      DocumentsTableName: table,
      ClassifyStreamFunctionName: FUNCTION,
      ChangesStreamName: stream,
    };
    response
      .writeHead(isDeployed ? 200 : 400, { 'content-type': 'text/xml' })
      .end(isDeployed ? stackXml(outputs) : noStackXml(name));
  });

  return {
    state,
    table,
    dynamodb: clients.dynamodb,
    /** Puts records of what was written while the table did not stream. */
    sendOn,
    env: {
      AWS_ENDPOINT_URL: others.url,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
      AWS_ENDPOINT_URL_KINESIS: emulators.endpoints.AWS_ENDPOINT_URL_KINESIS ?? '',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    stop: async () => {
      await mapping.stop();
      await lambda.close();
      for (const { server } of [dynamodb, others]) {
        server.closeAllConnections();
        server.close();
      }
      clients.destroy();
      await emulators.stop();
    },
  };
};
