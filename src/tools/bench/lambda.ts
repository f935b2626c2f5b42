import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KinesisEvent } from '../../pipeline/records/kinesis-event.ts';
import type { BuiltFunction } from '../build/built-function.ts';
import { prepareInvocation } from '../invoke/prepared-invocation.ts';
import { createLambdaFunction, type LambdaFunction } from '../emulators/lambda/function.ts';
import type { Report } from '../emulators/lambda/report-line.ts';

export interface LambdaOptions {
  /** Records of the event: 100 at most. */
  readonly records: number;
  /** Invocations: the first in a new environment, the rest in the same. */
  readonly invocations: number;
  /** Further variables of the function. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly onLog?: (line: string) => void;
}

/** Invokes the built function and returns what Lambda would report. */
export type Invoke = (options: LambdaOptions) => Promise<readonly Report[]>;

/**
 * The built function with a model in the emulated Lambda, against an embedded DynamoDB: `use` can invoke it, each time
 * in a new environment.
 *
 * @param given 100 insertions at most; by default, those of messages
 */
export const withLambda = async <Result>(
  root: string,
  { service, environment, spec }: BuiltFunction,
  model: string,
  use: (invoke: Invoke) => Promise<Result>,
  given?: KinesisEvent,
): Promise<Result> => {
  const event: KinesisEvent =
    given ?? JSON.parse(await readFile(join(root, 'events', 'batch-100.json'), 'utf8'));
  await using stack = new AsyncDisposableStack();
  const prepared = stack.adopt(await prepareInvocation(service, environment, event), ({ stop }) => stop());
  return await use(async ({ records, invocations, onLog, environment: more = {} }) => {
    const options = {
      ...spec,
      environment: { ...environment, ...prepared.env, MODEL: model, ...more },
      onLog,
    };
    return inOneEnvironment(options, invocations, async (lambda) => {
      await prepared.reset();
      return invokeOnce(lambda, { ...event, Records: event.Records.slice(0, records) });
    });
  });
};

/** Invokes a function so many times, one after another, in one new environment. */
export const inOneEnvironment = async (
  options: Omit<Parameters<typeof createLambdaFunction>[0], 'maxEnvironments'>,
  invocations: number,
  invoke: (lambda: LambdaFunction) => Promise<Report>,
): Promise<readonly Report[]> => {
  const lambda = createLambdaFunction({ ...options, maxEnvironments: 1 });
  try {
    const reports: Report[] = [];
    for (let invocation = 0; invocation < invocations; invocation += 1) reports.push(await invoke(lambda));
    return reports;
  } finally {
    await lambda.close();
  }
};

const invokeOnce = async (lambda: LambdaFunction, event: KinesisEvent): Promise<Report> => {
  const { report, functionError } = await lambda.invoke(event);
  if (functionError === undefined) return report;
  throw new Error(`${functionError.errorType}: ${functionError.errorMessage}`);
};
