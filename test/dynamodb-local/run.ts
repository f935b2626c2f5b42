/**
 * Runs the suites `test/**\/*.dynamodb-local.ts` against AWS's DynamoDB Local, which it fetches, starts and stops, or
 * against the server that DYNAMODB_LOCAL_ENDPOINT names. Arguments go to jest.
 */
import { join } from 'node:path';
import { runSuite } from '../support/run-suite.ts';
import { type DynamoDbLocal, fetchDynamoDbLocal, startDynamoDbLocal } from './server.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = join(ROOT, '.build', 'dynamodb-local');

const start = async (): Promise<DynamoDbLocal> => {
  const endpoint = process.env.DYNAMODB_LOCAL_ENDPOINT;
  if (endpoint) return { endpoint, stop: () => Promise.resolve() };
  await fetchDynamoDbLocal(FOLDER);
  return startDynamoDbLocal(FOLDER);
};

try {
  const server = await start();
  try {
    process.exitCode = await runSuite('dynamodb-local', {
      env: { DYNAMODB_LOCAL_ENDPOINT: server.endpoint },
    });
  } finally {
    await server.stop();
  }
} catch (error) {
  process.stderr.write(
    `\nThe suites of DynamoDB Local were NOT RUN. ${error instanceof Error ? error.message : String(error)}\n\n`,
  );
  process.exitCode = 1;
}
