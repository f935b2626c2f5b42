import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createLambdaFunction,
  type LambdaFunction,
} from '../../../../src/tools/emulators/lambda/function.ts';

const FUNCTION = join(import.meta.dirname, '../../../../src/tools/emulators/lambda/function.ts');

const HANDLERS = `
let calls = 0;
exports.echo = async (event, context) => {
  calls += 1;
  return { event, calls, pid: process.pid, ...context, left: context.getRemainingTimeInMillis() };
};
exports.nothing = () => {};
exports.fails = async () => { throw new RangeError('not today'); };
exports.failsOddly = async () => { throw 'a string'; };
exports.failsLater = async () => { setTimeout(() => { throw new TypeError('later'); }, 5); await new Promise(() => {}); };
exports.sleeps = (ms) => new Promise((resolve) => setTimeout(resolve, ms, { pid: process.pid }));
exports.spins = async () => { for (;;); };
exports.exits = async (code) => process.exit(code);
exports.crashesIdle = async () => { setTimeout(() => process.exit(7), 20); return process.pid; };
exports.environment = async () => ({ env: process.env, cwd: process.cwd(), argv: process.execArgv });
exports.layer = async () => require('from-layer');
exports.prints = async () => { console.log('one'); console.error('two'); process.stdout.write('x'.repeat(600000)); };
exports.big = async () => 'x'.repeat(7 * 1024 * 1024);
`;

let folder: string;
const open: LambdaFunction[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lambda-'));
  await writeFile(join(folder, 'index.cjs'), HANDLERS);
  await writeFile(join(folder, 'broken.js'), `throw new SyntaxError('cannot be loaded');`);
  await writeFile(
    join(folder, 'rejects.js'),
    "exports.ready = Promise.reject(new RangeError('no such model')); exports.handler = async () => 1;",
  );
  await mkdir(join(folder, 'opt/nodejs/node_modules/from-layer'), { recursive: true });
  await writeFile(join(folder, 'opt/nodejs/node_modules/from-layer/index.js'), `module.exports = 'layer';`);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((lambda) => lambda.close()));
});
afterAll(() => rm(folder, { recursive: true }));

const make = (
  handler: string,
  options: Partial<Parameters<typeof createLambdaFunction>[0]> = {},
): LambdaFunction => {
  const lambda = createLambdaFunction({
    name: 'toy',
    taskRoot: folder,
    handler,
    optDir: join(folder, 'opt'),
    memoryMB: 128,
    timeoutMs: 3_000,
    maxEnvironments: 1,
    ...options,
  });
  open.push(lambda);
  return lambda;
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const eventually = async (condition: () => boolean): Promise<void> => {
  for (const deadline = Date.now() + 5_000; Date.now() < deadline;) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('It has not come true in five seconds');
};

describe('an invocation', () => {
  it('gets the event and a context, and reports what it took', async () => {
    const lambda = make('index.echo');
    const { requestId, payload, functionError, report } = await lambda.invoke({ text: 'café ☕' });
    expect(functionError).toBeUndefined();
    expect(payload).toMatchObject({
      event: { text: 'café ☕' },
      awsRequestId: requestId,
      functionName: 'toy',
      functionVersion: '$LATEST',
      memoryLimitInMB: '128',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:toy',
    });
    expect((payload as { left: number }).left).toBeGreaterThan(2_000);
    expect((payload as { left: number }).left).toBeLessThanOrEqual(3_000);
    expect(report).toMatchObject({ requestId, memoryMB: 128 });
    expect(report.initMs).toBeGreaterThan(1);
    expect(report.billedMs).toBe(Math.ceil(report.durationMs + (report.initMs ?? 0)));
    expect(report.maxMemoryMB).toBeGreaterThan(20);
  });

  it('finds its environment warm the second time', async () => {
    const lambda = make('index.echo');
    await lambda.invoke(1);
    const { payload, report } = await lambda.invoke(2);
    expect(payload).toMatchObject({ calls: 2 });
    expect(report.initMs).toBeUndefined();
    expect(report.billedMs).toBe(Math.ceil(report.durationMs));
    expect(lambda.stats()).toMatchObject({ invocations: 2, coldStarts: 1, errors: 0 });
  });

  it('may return nothing', async () => {
    expect((await make('index.nothing').invoke({})).payload).toBeNull();
  });

  it.each([
    ['index.fails', 'RangeError', 'not today'],
    ['index.failsOddly', 'string', 'a string'],
    ['index.failsLater', 'TypeError', 'later'],
  ])('%s ends in a function error', async (handler, errorType, errorMessage) => {
    const { payload, functionError, report } = await make(handler).invoke({});
    expect(payload).toBeUndefined();
    expect(functionError).toMatchObject({ errorType, errorMessage, stackTrace: expect.any(Array) });
    expect(report.status).toBe('error');
  });

  it('keeps the environment of a handler that threw', async () => {
    const lambda = make('index.fails');
    await lambda.invoke({});
    await lambda.invoke({});
    expect(lambda.stats()).toMatchObject({ invocations: 2, errors: 2, coldStarts: 1 });
  });

  it.each([
    [3, 'exited with error: exit status 3'],
    [0, 'exited without providing a reason'],
  ])('that exits with %i is a Runtime.ExitError, and the next one starts afresh', async (code, how) => {
    const lambda = make('index.exits');
    const { requestId, functionError } = await lambda.invoke(code);
    const errorMessage = `RequestId: ${requestId} Error: Runtime ${how}`;
    expect(functionError).toEqual({ errorType: 'Runtime.ExitError', errorMessage });
    await lambda.invoke(code);
    expect(lambda.stats()).toMatchObject({ coldStarts: 2, errors: 2 });
  });

  it.each(['index.spins', 'index.sleeps'])('%s is killed at its time-out', async (handler) => {
    const lines: string[] = [];
    const lambda = make(handler, { timeoutMs: 200, onLog: (line) => lines.push(line) });
    const { requestId, functionError, report } = await lambda.invoke(60_000);
    expect(functionError).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${requestId} Error: Task timed out after 0.20 seconds`,
    });
    expect(report.status).toBe('timeout');
    expect(report.durationMs).toBeGreaterThanOrEqual(199);
    expect(lines).toContainEqual(expect.stringMatching(`Z ${requestId} Task timed out after 0.20 seconds$`));
    expect(lambda.stats()).toMatchObject({ errors: 1, timeouts: 1 });
  });

  it.each([
    ['broken.handler', 'SyntaxError', 'cannot be loaded'],
    ['rejects.handler', 'Runtime.UnhandledPromiseRejection', 'no such model'],
    ['missing.handler', 'Runtime.ImportModuleError', 'Cannot find module'],
    ['index.missing', 'Runtime.HandlerNotFound', 'index.missing is undefined or not exported'],
  ])('%s fails the init phase, every time', async (handler, errorType, message) => {
    const lambda = make(handler);
    const { functionError, report } = await lambda.invoke({});
    expect(functionError).toMatchObject({ errorType, errorMessage: expect.stringContaining(message) });
    expect(report.initMs).toBeGreaterThan(1);
    await lambda.invoke({});
    expect(lambda.stats()).toMatchObject({ coldStarts: 2, errors: 2 });
  });

  it('is refused when its event is over 6 MB, and fails when its answer is', async () => {
    const lambda = make('index.big');
    await expect(lambda.invoke('x'.repeat(6 * 1024 * 1024))).rejects.toMatchObject({
      name: 'RequestTooLargeException',
      message:
        '6291458 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)',
    });
    const { functionError } = await lambda.invoke({});
    expect(functionError).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
  });

  it('does not get an environment that died while idle', async () => {
    const lambda = make('index.crashesIdle');
    const { payload } = await lambda.invoke({});
    await eventually(() => !isAlive(payload as number));
    expect((await lambda.invoke({})).functionError).toBeUndefined();
    expect(lambda.stats()).toMatchObject({ coldStarts: 2, errors: 0 });
  });
});

describe('an environment', () => {
  it('has the variables and limits of Lambda, and not those of its parent', async () => {
    process.env.NOT_FOR_LAMBDA = '1';
    const { payload } = await make('index.environment', { environment: { TABLE: 'things' } }).invoke({});
    const { env, argv } = payload as { env: Record<string, string>; argv: string[] };
    expect(env).toMatchObject({
      TABLE: 'things',
      LAMBDA_TASK_ROOT: folder,
      _HANDLER: 'index.environment',
      AWS_LAMBDA_FUNCTION_NAME: 'toy',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/toy',
      AWS_REGION: 'us-east-1',
      TZ: ':UTC',
      ORT_DISABLE_TELEMETRY: '1',
    });
    expect(env).not.toHaveProperty('NOT_FOR_LAMBDA');
    expect(argv).toEqual(expect.arrayContaining(['--max-semi-space-size=6', '--max-old-space-size=115']));
  });

  it("finds the layers' modules", async () => {
    expect((await make('index.layer').invoke({})).payload).toBe('layer');
  });

  it('logs line by line, in bounded pieces, between START and REPORT', async () => {
    const lines: string[] = [];
    const lambda = make('index.prints', { onLog: (line) => lines.push(line) });
    const { requestId } = await lambda.invoke({});
    // All but what may still be the last line's beginning.
    const long = () => lines.filter((line) => line.startsWith('x')).join('');
    await eventually(() => long().length > 600_000 - 256 * 1024);
    expect(lines[0]).toBe(`START RequestId: ${requestId} Version: $LATEST`);
    expect(lines).toEqual(expect.arrayContaining(['one', 'two', `END RequestId: ${requestId}`]));
    expect(lines.find((line) => line.startsWith('REPORT'))).toMatch(
      /^REPORT RequestId: [0-9a-f-]{36}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms$/,
    );
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(400_000);
  });
});

describe('a function', () => {
  it('starts environments up to its maximum, and serves the rest in order', async () => {
    const lambda = make('index.sleeps', { maxEnvironments: 2 });
    const finished: number[] = [];
    // The first keeps its environment busy: the other one serves all the rest.
    const results = await Promise.all(
      [1_500, 50, 10, 11, 12].map(async (ms, index) => {
        const { payload } = await lambda.invoke(ms);
        finished.push(index);
        return (payload as { pid: number }).pid;
      }),
    );
    expect(new Set(results).size).toBe(2);
    expect(lambda.stats()).toMatchObject({ invocations: 5, coldStarts: 2 });
    expect(finished.filter((index) => index > 1)).toEqual([2, 3, 4]);
  });

  it('leaves no process behind when closed, and serves nobody afterwards', async () => {
    const lambda = make('index.sleeps', { maxEnvironments: 2 });
    const { payload } = await lambda.invoke(1);
    const underWay = [lambda.invoke(60_000), lambda.invoke(60_000)];
    const waiting = lambda.invoke(1);
    waiting.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 20));
    await lambda.close();
    expect(isAlive((payload as { pid: number }).pid)).toBe(false);
    for (const result of await Promise.all(underWay)) {
      expect(result.functionError?.errorType).toBe('Runtime.ExitError');
    }
    await expect(waiting).rejects.toThrow('closed');
    await expect(lambda.invoke(1)).rejects.toThrow('closed');
  });

  it('does not outlive a parent that is killed in mid-invocation', async () => {
    const settings = {
      name: 'toy',
      taskRoot: folder,
      handler: 'index.sleeps',
      memoryMB: 128,
      timeoutMs: 60_000,
      maxEnvironments: 2,
    };
    const parent = spawn(
      process.execPath,
      [
        '--no-warnings',
        '--input-type=module',
        '-e',
        `const { createLambdaFunction } = await import(${JSON.stringify(FUNCTION)});
         const lambda = createLambdaFunction(${JSON.stringify(settings)});
         const results = await Promise.all([lambda.invoke(10), lambda.invoke(10)]);
         lambda.invoke(60000);
         console.log(JSON.stringify(results.map(({ payload }) => payload.pid)));`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = await once(parent.stdout, 'data');
    const pids = JSON.parse(String(line)) as number[];
    expect(pids.map(isAlive)).toEqual([true, true]);
    parent.kill('SIGKILL');
    await eventually(() => !pids.some(isAlive));
  });
});
