import type { Context } from 'aws-lambda';
import { type Handler, runHandler } from '../../src/runtime/run-handler.ts';
import { runtimeApi } from '../../src/runtime/runtime-api.ts';
import {
  MAX_PAYLOAD_BYTES,
  type RuntimeApi,
  startRuntimeApi,
} from '../../src/tools/emulators/lambda/runtime-api.ts';

const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:asked';
const apis: RuntimeApi[] = [];
afterEach(() => {
  for (const api of apis.splice(0)) api.close();
});

const ENV: NodeJS.ProcessEnv = {
  AWS_LAMBDA_FUNCTION_NAME: 'asked',
  AWS_LAMBDA_FUNCTION_VERSION: '7',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
  AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/asked',
  AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
};

/** @returns how the loop ends, which it does when the API is closed */
const running = async (load: () => Promise<Handler>) => {
  const api = await startRuntimeApi(ARN);
  apis.push(api);
  const ended = runHandler(runtimeApi(api.address), load, { ...ENV }).catch((error: unknown) => error);
  const initError = await api.initialised;
  const invoke = (event: unknown, requestId = 'r1', deadlineMs = Date.now() + 5_000) =>
    api.invoke({ requestId, body: Buffer.from(JSON.stringify(event)), deadlineMs });
  return { api, ended, invoke, initError };
};

describe('runHandler', () => {
  it('answers one invocation after the other, undefined with null, and goes on after an error', async () => {
    const seen: unknown[] = [];
    const { invoke, initError } = await running(async () => async (event) => {
      seen.push(event);
      if (event === 'bad') throw new RangeError('too far');
      return event === 'nothing' ? undefined : { echo: event };
    });
    expect(initError).toBeUndefined();
    expect(await invoke('ä', 'r1')).toMatchObject({ payload: { echo: 'ä' } });
    expect(await invoke('bad', 'r2')).toMatchObject({
      functionError: {
        errorType: 'RangeError',
        errorMessage: 'too far',
        stackTrace: expect.arrayContaining(['RangeError: too far']),
      },
    });
    expect(await invoke('nothing', 'r3')).toMatchObject({ payload: null });
    expect(seen).toEqual(['ä', 'bad', 'nothing']);
  });

  it("gives the handler the context that AWS's runtime gives", async () => {
    let context: Context | undefined;
    const { invoke } = await running(async () => (_, given) => {
      context = given;
      return given.getRemainingTimeInMillis();
    });
    const outcome = await invoke({}, 'request-1', Date.now() + 60_000);
    expect(context).toMatchObject({
      awsRequestId: 'request-1',
      invokedFunctionArn: ARN,
      functionName: 'asked',
      functionVersion: '7',
      memoryLimitInMB: '512',
      logGroupName: '/aws/lambda/asked',
      logStreamName: 'stream',
    });
    const remaining = 'payload' in outcome ? Number(outcome.payload) : NaN;
    expect(remaining).toBeGreaterThan(0);
    expect(remaining).toBeLessThanOrEqual(60_000);
    expect(await invoke({}, 'request-2', Date.now() - 1_000)).toMatchObject({ payload: 0 });
  });

  it('fails an invocation whose answer is larger than Lambda takes, and goes on', async () => {
    const { invoke } = await running(async () => (event) => 'x'.repeat(Number(event)));
    expect(await invoke(MAX_PAYLOAD_BYTES + 1, 'r1')).toMatchObject({
      functionError: { errorType: 'Function.ResponseSizeTooLarge' },
    });
    expect(await invoke(3, 'r2')).toMatchObject({ payload: 'xxx' });
  });

  it('reports a module that cannot be loaded, and ends', async () => {
    const fault = new TypeError('MODEL is missing');
    const { initError, ended } = await running(() => Promise.reject(fault));
    expect(initError).toMatchObject({ errorType: 'TypeError', errorMessage: 'MODEL is missing' });
    expect(await ended).toBe(fault);
  });

  it('ends when the Runtime API does', async () => {
    const { api, ended } = await running(async () => () => 1);
    api.close();
    expect(await ended).toMatchObject({ code: 'ECONNRESET' });
  });
});
