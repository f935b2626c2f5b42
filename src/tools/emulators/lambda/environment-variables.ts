import { randomBytes } from 'node:crypto';
import { delimiter, join } from 'node:path';
import { LOCAL_CREDENTIALS, localRegion } from '../aws/aws-clients.ts';

/** The settings of an execution environment. */
export interface EnvironmentSpec {
  readonly name: string;
  /** The folder of the built bundle: `/var/task` on Lambda. */
  readonly taskRoot: string;
  /** `path/file.export`, the file without its extension. */
  readonly handler: string;
  /** The folder that holds what layers unpack to `/opt`. */
  readonly optDir?: string | undefined;
  readonly memoryMB: number;
  /** What `/tmp` is on Lambda, where it outlives a process that ends in the middle of an invocation. */
  readonly tmpDir?: string | undefined;
  /** The function's own variables; they win over all others. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

const logStream = (now: Date): string =>
  `${now.toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomBytes(16).toString('hex')}`;

/**
 * The variables of a Node.js environment on Lambda, and nothing of the parent's but `PATH`. `/opt` becomes `optDir`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export const environmentVariables = (spec: EnvironmentSpec, runtimeApi: string): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  LANG: 'en_US.UTF-8',
  TZ: ':UTC',
  // Without it, any code that loads ONNX Runtime calls a host of Microsoft's.
  ORT_DISABLE_TELEMETRY: '1',
  ...(spec.tmpDir !== undefined && { TMPDIR: spec.tmpDir }),
  ...(spec.optDir !== undefined && {
    NODE_PATH: [
      join(spec.optDir, 'nodejs', 'node24', 'node_modules'),
      join(spec.optDir, 'nodejs', 'node_modules'),
    ].join(delimiter),
  }),
  _HANDLER: spec.handler,
  LAMBDA_TASK_ROOT: spec.taskRoot,
  AWS_LAMBDA_RUNTIME_API: runtimeApi,
  AWS_LAMBDA_FUNCTION_NAME: spec.name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMB),
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: logStream(new Date()),
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_REGION: localRegion(),
  AWS_DEFAULT_REGION: localRegion(),
  AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
  ...spec.environment,
});

/** The heap limits of Lambda's own Node.js runtime, as fractions of the function's memory. */
export const nodeFlags = (memoryMB: number): string[] => [
  `--max-semi-space-size=${Math.max(1, Math.floor(memoryMB * 0.05))}`,
  `--max-old-space-size=${Math.floor(memoryMB * 0.9)}`,
];
