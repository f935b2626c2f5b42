import { join } from 'node:path';
import type { DynamoDbEvent } from '../../pipeline/records/dynamodb-event.ts';
import type { KinesisEvent } from '../../pipeline/records/kinesis-event.ts';
import { buildFunction, type FunctionChoices } from '../build/built-function.ts';
import { classifierEvent } from './forwarded.ts';
import { prepareFanOut } from './prepared-fan-out.ts';
import { prepareInvocation } from './prepared-invocation.ts';
import { createLambdaFunction, type InvocationResult } from '../emulators/lambda/function.ts';
import type { FunctionStats } from '../emulators/lambda/function-stats.ts';
import { buildBundle } from '../build/bundle.ts';
import { filtered, replayParameters } from './replay-parameters.ts';
import { loadService, type Parameters } from '../serverless-yml/service.ts';

export interface ReplayOptions extends FunctionChoices {
  readonly onLog?: ((line: string) => void) | undefined;
}

type Line = Readonly<Record<string, unknown>>;

export interface Replay extends Pick<InvocationResult, 'payload' | 'functionError'> {
  /** Each item's labels and each reject, as plain objects. */
  readonly written: readonly Line[];
  readonly memoryMB: FunctionStats['memoryMB'];
}

const linesOf = async (lines: AsyncIterable<Line>): Promise<readonly Line[]> => {
  const all: Line[] = [];
  for await (const line of lines) all.push(line);
  return all;
};

/**
 * Sends an event to the built function, against a fresh embedded DynamoDB that holds the items of the event's new
 * images.
 *
 * @throws TypeError where the event is not one of a Kinesis stream
 */
export const replay = async (
  root: string,
  event: KinesisEvent,
  options: ReplayOptions = {},
): Promise<Replay> => {
  const parameters = replayParameters(event, options.parameters ?? {});
  const { service, definition, environment, spec } = await buildFunction(root, { ...options, parameters });
  await using stack = new AsyncDisposableStack();
  const delivered = filtered(event, definition, parameters, options.onLog);
  const prepared = await prepareInvocation(service, environment, event);
  stack.adopt(prepared, ({ stop }) => stop());
  const lambda = createLambdaFunction({
    ...spec,
    maxEnvironments: 1,
    environment: { ...environment, ...prepared.env },
    onLog: options.onLog,
  });
  stack.adopt(lambda, ({ close }) => close());
  const { payload, functionError } = await lambda.invoke(delivered);
  const written = await linesOf(prepared.results());
  const { memoryMB } = lambda.stats();
  return { payload, ...(functionError !== undefined && { functionError }), written, memoryMB };
};

export interface FanOutReplay extends Replay {
  /** The forwarded changes, as the event for the classifier. */
  readonly forwarded: KinesisEvent;
  /** The parameters for the classifier's service. */
  readonly parameters: Parameters;
}

/** Whether an event comes from a table's own stream, for the function that forwards its changes. */
export const isTableEvent = (event: KinesisEvent | DynamoDbEvent): event is DynamoDbEvent => {
  const [first] = Array.isArray(event.Records) ? event.Records : [];
  return first?.dynamodb !== undefined;
};

/**
 * Sends an event of a table's stream to the built fan-out function, against a fresh embedded Kinesis and DynamoDB.
 *
 * @throws TypeError where the event is not one of a table's stream
 */
export const replayFanOut = async (
  root: string,
  event: DynamoDbEvent,
  { parameters: given = {}, onLog }: ReplayOptions = {},
): Promise<FanOutReplay> => {
  const parameters = { ...replayParameters(event, given), fanOut: 'function' };
  const service = await loadService(root, 'local', parameters);
  const definition = service.functions.fanOut;
  if (definition === undefined) throw new Error('serverless.yml defines no function fanOut');
  const folder = join(root, '.build', 'fan-out');
  const bundle = await buildBundle(root, folder, { functionName: 'fanOut' });
  await using stack = new AsyncDisposableStack();
  const prepared = await prepareFanOut(service, definition.environment, event);
  stack.adopt(prepared, ({ stop }) => stop());
  const lambda = createLambdaFunction({
    name: definition.name,
    taskRoot: bundle.folder,
    handler: bundle.handler,
    memoryMB: definition.memoryMB,
    timeoutMs: definition.timeoutSeconds * 1000,
    maxEnvironments: 1,
    environment: { ...definition.environment, ...prepared.env },
    onLog,
  });
  stack.adopt(lambda, ({ close }) => close());
  const { payload, functionError } = await lambda.invoke(filtered(event, definition, parameters, onLog));
  const forwarded = await prepared.forwarded();
  const written = await linesOf(prepared.results());
  const { memoryMB } = lambda.stats();
  return {
    payload,
    ...(functionError !== undefined && { functionError }),
    written,
    memoryMB,
    forwarded: classifierEvent(forwarded),
    parameters,
  };
};
