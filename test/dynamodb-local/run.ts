/**
 * Runs the suites `test/**\/*.dynamodb-local.ts` against AWS's DynamoDB Local, which it fetches, starts and stops, or
 * against the server that DYNAMODB_LOCAL_ENDPOINT names. Arguments go to jest.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type DynamoDbLocal, fetchDynamoDbLocal, startDynamoDbLocal } from './server.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = join(ROOT, '.build', 'dynamodb-local');

const start = async (): Promise<DynamoDbLocal> => {
  const endpoint = process.env.DYNAMODB_LOCAL_ENDPOINT;
  if (endpoint) return { endpoint, stop: () => Promise.resolve() };
  await fetchDynamoDbLocal(FOLDER);
  return startDynamoDbLocal(FOLDER);
};

/** @returns jest's exit status; 1 where a signal ended it */
const runJest = async (endpoint: string): Promise<number> => {
  const jest = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
      ...['--testMatch', '<rootDir>/test/**/*.dynamodb-local.ts'],
      ...process.argv.slice(2),
    ],
    { cwd: ROOT, stdio: 'inherit', env: { ...process.env, DYNAMODB_LOCAL_ENDPOINT: endpoint } },
  );
  // The server is stopped after jest, whoever ends it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => jest.kill(signal));
  const [status] = (await once(jest, 'exit')) as [number | null];
  return status ?? 1;
};

try {
  const server = await start();
  try {
    process.exitCode = await runJest(server.endpoint);
  } finally {
    await server.stop();
  }
} catch (error) {
  process.stderr.write(
    `\nThe suites of DynamoDB Local were NOT RUN. ${error instanceof Error ? error.message : String(error)}\n\n`,
  );
  process.exitCode = 1;
}
