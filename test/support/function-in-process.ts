import { join } from 'node:path';
import { LOCAL_CREDENTIALS } from '../../src/tools/emulators/aws/aws-clients.ts';

const BASE = { ...process.env };

/** Sets the environment of a function as Lambda does, besides its own variables. */
export const setEnvironment = (own: Readonly<Record<string, string | undefined>>): void => {
  process.env = {
    ...BASE,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    POWERTOOLS_SERVICE_NAME: 'labelstream-test',
    POWERTOOLS_METRICS_NAMESPACE: 'labelstream',
    MODEL: 'banking77-tfidf',
    MODELS_DIR: join(import.meta.dirname, '..', '..', 'models'),
    ...own,
  };
};

export const resetEnvironment = (): void => {
  process.env = BASE;
};

/** The lines that are written from now on, which nobody else gets: Powertools writes past the global console. */
export const captureLog = (): string[] => {
  const log: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      log.push(...String(text).trim().split('\n'));
      return true;
    });
  }
  return log;
};

/** The context of an invocation that has so much time. */
export const contextOf = (remainingMs: number) => {
  const deadline = Date.now() + remainingMs;
  return { awsRequestId: 'request', getRemainingTimeInMillis: () => deadline - Date.now() };
};
