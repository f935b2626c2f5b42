/**
 * A Lambda execution environment's Node.js process: loads the handler, then gets one invocation after the other from
 * the Runtime API. It replaces AWS's `aws-lambda-ric`, with the same protocol and the same variables. CommonJS, like
 * the bundle it loads: without types to strip, it starts as fast as Node.js does.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
'use strict';

const { existsSync } = require('node:fs');
const http = require('node:http');
const { basename, dirname, join } = require('node:path');

const { env } = process;
const [host, port] = env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

const request = (method, path, body) =>
  new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const outgoing = http.request(
      { host, port, agent, method, path: `/2018-06-01/runtime/${path}`, headers },
      (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => resolve({ headers: answer.headers, body: Buffer.concat(chunks) }));
        answer.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });

const described = (error, errorType) =>
  JSON.stringify({
    errorType: errorType ?? error?.name ?? typeof error,
    errorMessage: String(error?.message ?? error),
    stackTrace: String(error?.stack ?? '').split('\n'),
  });

/** `dir/file.export` names the file `dir/file.cjs` or `dir/file.js` in the task's folder, and what it exports. */
const loadHandler = () => {
  const file = basename(env._HANDLER);
  const dot = file.indexOf('.');
  const path = join(env.LAMBDA_TASK_ROOT, dirname(env._HANDLER), file.slice(0, dot));
  const found = ['.cjs', '.js']
    .map((extension) => path + extension)
    .find((candidate) => existsSync(candidate));
  if (dot < 1 || found === undefined) {
    const error = new Error(`Error: Cannot find module '${path}'`);
    throw Object.assign(error, { name: 'Runtime.ImportModuleError' });
  }
  const names = file.slice(dot + 1).split('.');
  const handler = names.reduce((value, name) => value?.[name], require(found));
  if (typeof handler !== 'function') {
    const error = new Error(`${env._HANDLER} is undefined or not exported`);
    throw Object.assign(error, { name: 'Runtime.HandlerNotFound' });
  }
  return handler;
};

const contextOf = (headers) => {
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms']);
  return {
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
};

/** Where an error has to be reported: `init`, an invocation in progress, or nowhere between two. */
let phase = 'init';

/** A fault outside the handler's own promise ends the environment. */
const crash = async (error, errorType) => {
  try {
    if (phase) await request('POST', `${phase}/error`, described(error, errorType));
  } finally {
    process.exit(129);
  }
};

const main = async () => {
  let handler;
  try {
    handler = loadHandler();
  } catch (error) {
    await request('POST', 'init/error', described(error));
    process.exit(1);
  }
  // An unhandled rejection of the module fails the init, too: it is known after a turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  for (;;) {
    phase = undefined;
    const { headers, body } = await request('GET', 'invocation/next');
    const context = contextOf(headers);
    phase = `invocation/${context.awsRequestId}`;
    let answer;
    try {
      const result = await handler(JSON.parse(body.toString()), context);
      answer = ['response', JSON.stringify(result) ?? 'null'];
    } catch (error) {
      answer = ['error', described(error)];
    }
    await request('POST', `${phase}/${answer[0]}`, answer[1]);
  }
};

// Standard input ends when the parent process does, in any way: this process must not outlive it.
process.stdin.on('close', () => process.exit(0)).resume();
process.stdin.unref?.();
// Ctrl-C reaches the whole process group; ending an environment is its owner's decision.
process.on('SIGINT', () => {});
process.on('uncaughtException', (error) => crash(error));
process.on('unhandledRejection', (error) => crash(error, 'Runtime.UnhandledPromiseRejection'));

// Only the Runtime API can fail here, and without it the process has no more work.
main().catch((error) => {
  if (error.syscall === undefined) console.error(error);
  process.exit(1);
});
