import { ConfigError } from '../errors.ts';
import { type Handler, reported, runHandler } from './run-handler.ts';
import { runtimeApi } from './runtime-api.ts';

/**
 * Runs a Lambda function in a container: where a handler is loaded, its invocations are handled until the environment
 * ends.
 *
 * @param load gives the module of the function, and may reject or throw where its settings are wrong
 * @throws ConfigError outside Lambda; the handler's module's error
 */
export const runFunction = async (
  load: () => Promise<{ readonly handler: unknown }>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> => {
  const address = env.AWS_LAMBDA_RUNTIME_API;
  if (address === undefined || address === '')
    throw new ConfigError(
      'AWS_LAMBDA_RUNTIME_API is not set: Lambda sets it, where the image is a function.',
    );
  const api = runtimeApi(address);
  let isReady = false;
  /** A fault outside the handler's own promise ends the environment. */
  const crash = (error: unknown, errorType?: string): void => {
    const report = reported(error, errorType);
    const inProgress = current;
    const telling =
      inProgress === undefined
        ? isReady
          ? Promise.resolve()
          : api.failInit(report)
        : api.fail(inProgress, report);
    telling.catch(() => undefined).finally(() => process.exit(129));
  };
  let current: string | undefined;
  process.on('uncaughtException', (error) => crash(error));
  process.on('unhandledRejection', (error) => crash(error, 'Runtime.UnhandledPromiseRejection'));
  const watched: typeof api = {
    ...api,
    next: async () => {
      isReady = true;
      current = undefined;
      const invocation = await api.next();
      current = invocation.requestId;
      return invocation;
    },
  };
  await runHandler(watched, async () => (await load()).handler as Handler, env);
};
