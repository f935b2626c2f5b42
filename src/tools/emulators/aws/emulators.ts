import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { EmulatedService } from './emulator-process.ts';
import type { CreatedObject } from './s3/events.ts';

/** The endpoints of the emulators, in the environment variables that every AWS SDK and the AWS CLI read. */
export interface Endpoints {
  readonly AWS_ENDPOINT_URL_DYNAMODB?: string;
  readonly AWS_ENDPOINT_URL_KINESIS?: string;
  readonly AWS_ENDPOINT_URL_S3?: string;
  readonly AWS_ENDPOINT_URL_SQS?: string;
}

export interface Emulators {
  readonly endpoints: Endpoints;
  /** Ends the process; all data goes with it. Resolves when it is gone; may be called again. */
  stop(): Promise<void>;
}

/**
 * Starts dynalite (DynamoDB) and kinesalite (Kinesis), without artificial delays, and the embedded S3 and SQS where they
 * are asked for: in memory (S3: in temporary files), in one process of their own. Resolves once they listen on loopback. The process ends with the caller's, even when that is killed.
 *
 * @throws Error when the process ends before it listens.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html for the endpoints' names
 */
export const startEmulators = async ({
  services = ['dynamodb', 'kinesis'],
  onCreated,
}: {
  readonly services?: readonly EmulatedService[];
  /** Receives every object that is created in the embedded S3. */
  readonly onCreated?: (created: CreatedObject) => void;
} = {}): Promise<Emulators> => {
  const child = fork(join(import.meta.dirname, 'emulator-process.ts'), [...services], {
    execPath: process.execPath,
    // Reading an expression anew for every request makes much short-lived garbage: a larger nursery halves its cost.
    execArgv: ['--no-warnings', '--max-semi-space-size=64', '--max-old-space-size=8192'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const ports = await Promise.race([
    once(child, 'message').then(([message]) => message as Readonly<Record<EmulatedService, number>>),
    exited.then(([code, signal]) => {
      throw new Error(`The emulators' process ended before it listened (${signal ?? `exit status ${code}`})`);
    }),
  ]);
  // Emulators that were not stopped do not keep this process running, and end with it.
  child.unref();
  child.channel?.unref();
  if (onCreated !== undefined) child.on('message', (message) => onCreated(message as CreatedObject));
  const endpoint = (service: EmulatedService) => `http://127.0.0.1:${ports[service]}`;
  return {
    endpoints: {
      ...(services.includes('dynamodb') && { AWS_ENDPOINT_URL_DYNAMODB: endpoint('dynamodb') }),
      ...(services.includes('kinesis') && { AWS_ENDPOINT_URL_KINESIS: endpoint('kinesis') }),
      ...(services.includes('s3') && { AWS_ENDPOINT_URL_S3: endpoint('s3') }),
      ...(services.includes('sqs') && { AWS_ENDPOINT_URL_SQS: endpoint('sqs') }),
    },
    stop: async () => {
      child.ref();
      // The embedded S3 deletes its files when the channel closes; the others have nothing to do at their end.
      if (!services.includes('s3')) child.kill('SIGKILL');
      else if (child.connected) child.disconnect();
      await exited;
    },
  };
};
