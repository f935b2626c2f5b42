import type { Context } from 'aws-lambda';
import { errorName } from '../errors.ts';
import { type Invocation, type ReportedError, type RuntimeApi } from './runtime-api.ts';

/** A Lambda function's handler. */
export type Handler = (event: unknown, context: Context) => unknown;

/**
 * Handles one invocation after the other, for as long as there are any: what AWS's runtimes do in functions that are
 * zip files. A container image has to bring it along.
 *
 * @param load gives the handler; where it fails, the init of the environment fails
 * @param env of the environment; gets the trace of the invocation in progress
 * @returns never; rejects where the Runtime API or the handler's module fails, after which the process has to end
 */
export const runHandler = async (
  api: RuntimeApi,
  load: () => Promise<Handler>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<never> => {
  const handler = await load()
    // A rejection of what the module has begun fails the init, too: it is known after a turn of the event loop.
    .then((loaded) => new Promise<Handler>((resolve) => setImmediate(() => resolve(loaded))))
    .catch(async (error: unknown) => {
      await api.failInit(reported(error));
      throw error;
    });
  for (;;) {
    const invocation = await api.next();
    const { requestId, traceId } = invocation;
    if (traceId === undefined) delete env._X_AMZN_TRACE_ID;
    else env._X_AMZN_TRACE_ID = traceId;
    const answer = await answerOf(handler, invocation, env);
    if ('body' in answer) await api.respond(requestId, answer.body);
    else await api.fail(requestId, answer.error);
  }
};

type Answer = { readonly body: string } | { readonly error: ReportedError };

const answerOf = async (
  handler: Handler,
  invocation: Invocation,
  env: NodeJS.ProcessEnv,
): Promise<Answer> => {
  try {
    const result = await handler(JSON.parse(invocation.body), contextOf(invocation, env));
    // Of undefined there is no JSON.
    return { body: result === undefined ? 'null' : JSON.stringify(result) };
  } catch (error) {
    return { error: reported(error) };
  }
};

/** @param errorType instead of the error's own name */
export const reported = (error: unknown, errorType = errorName(error)): ReportedError => {
  const { message, stack } = Object(error) as { readonly message?: unknown; readonly stack?: unknown };
  return {
    errorType,
    errorMessage: typeof message === 'string' ? message : String(error),
    stackTrace: typeof stack === 'string' ? stack.split('\n') : [],
  };
};

/** @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
const contextOf = (invocation: Invocation, env: NodeJS.ProcessEnv): Context => {
  const { requestId, functionArn, deadlineMs, tenantId, clientContext, identity } = invocation;
  const parsed = (json: string | undefined): unknown => (json === undefined ? undefined : JSON.parse(json));
  return {
    awsRequestId: requestId,
    invokedFunctionArn: functionArn,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: false,
    clientContext: parsed(clientContext),
    identity: parsed(identity),
    ...(tenantId !== undefined && { tenantId }),
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  } as Context;
};
