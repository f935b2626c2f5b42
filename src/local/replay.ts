import type { KinesisEvent } from '../pipeline/kinesis-event.ts';
import { buildFunction, type FunctionChoices } from './built-function.ts';
import { prepareInvocation } from './invoke-local.ts';
import { createLambdaFunction, type InvocationResult } from './lambda/function.ts';
import type { FunctionStats } from './lambda/function-stats.ts';

interface ReplayOptions extends FunctionChoices {
  readonly onLog?: (line: string) => void;
}

export interface Replay extends Pick<InvocationResult, 'payload' | 'functionError'> {
  /** Each item's labels and each reject, as plain objects. */
  readonly written: readonly Readonly<Record<string, unknown>>[];
  readonly memoryMB: FunctionStats['memoryMB'];
}

/**
 * Sends an event to the built function, against a fresh embedded DynamoDB that holds the items of the event's new
 * images.
 *
 * @throws TypeError where the event is none of a Kinesis stream
 */
export const replay = async (
  root: string,
  event: KinesisEvent,
  options: ReplayOptions = {},
): Promise<Replay> => {
  const { service, environment, spec } = await buildFunction(root, options);
  await using stack = new AsyncDisposableStack();
  const prepared = await prepareInvocation(service, environment, event);
  stack.adopt(prepared, ({ stop }) => stop());
  const lambda = createLambdaFunction({
    ...spec,
    maxEnvironments: 1,
    environment: { ...environment, ...prepared.env },
    onLog: options.onLog,
  });
  stack.adopt(lambda, ({ close }) => close());
  const { payload, functionError } = await lambda.invoke(event);
  const written: Readonly<Record<string, unknown>>[] = [];
  for await (const line of prepared.results()) written.push(line);
  const { memoryMB } = lambda.stats();
  return { payload, ...(functionError !== undefined && { functionError }), written, memoryMB };
};
