import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuiltFunction } from '../built-function.ts';
import { prepareInvocation } from '../invoke-local.ts';
import { createLambdaFunction } from '../lambda/function.ts';

export interface ColdStartFigures {
  /** From process spawn to the end of the init phase. */
  readonly initMs: number;
  /** The first batch: 100 records, classified and written. */
  readonly batchMs: number;
  readonly totalMs: number;
  readonly maxMemoryMB: number;
}

/** Cold starts of the built function, each in a new process, against an embedded DynamoDB. */
export const benchColdStart = async (
  root: string,
  { service, environment, spec }: BuiltFunction,
  runs = 5,
): Promise<readonly ColdStartFigures[]> => {
  const event = JSON.parse(await readFile(join(root, 'events', 'batch-100.json'), 'utf8'));
  await using stack = new AsyncDisposableStack();
  const prepared = stack.adopt(await prepareInvocation(service, environment, event), ({ stop }) => stop());
  const figures: ColdStartFigures[] = [];
  // The first run warms the emulator up, which is no part of a cold start.
  for (let run = 0; run <= runs; run += 1) {
    await prepared.reset();
    const lambda = createLambdaFunction({
      ...spec,
      maxEnvironments: 1,
      environment: { ...environment, ...prepared.env },
    });
    const { report, functionError } = await lambda.invoke(event);
    await lambda.close();
    if (functionError !== undefined)
      throw new Error(`${functionError.errorType}: ${functionError.errorMessage}`);
    const { initMs = 0, durationMs, maxMemoryMB } = report;
    if (run > 0) figures.push({ initMs, batchMs: durationMs, totalMs: initMs + durationMs, maxMemoryMB });
  }
  return figures;
};
