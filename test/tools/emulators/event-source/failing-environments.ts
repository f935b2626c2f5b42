import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mapStream } from '../../../../src/tools/emulators/event-source/mapping.ts';
import { createLambdaFunction } from '../../../../src/tools/emulators/lambda/function.ts';
import { type Behaviour, GUIDE, json, PARTIAL_ON } from './behaviour.ts';
import { streamOf } from './toy-mapping.ts';

/** Against a real environment, a process of its own. */
export const failingEnvironments: readonly Behaviour[] = [
  {
    behaviour: 'a time-out fails the whole batch, whatever was done of it',
    source: `${GUIDE}/configuration-timeout.html`,
    prove: () => realFunction('index.sleeps', 'Sandbox.Timedout'),
  },
  {
    behaviour: 'an environment that dies fails the whole batch, and another one gets it',
    source: `${GUIDE}/lambda-runtime-environment.html`,
    prove: () => realFunction('index.dies', 'Runtime.ExitError'),
  },
];

/** In a real environment: the first delivery ends badly after all is done, the second one well. */
const realFunction = async (handler: string, errorType: string): Promise<void> => {
  const taskRoot = await mkdtemp(join(tmpdir(), 'mapping-'));
  const lambda = createLambdaFunction({
    name: 'toy',
    taskRoot,
    handler,
    memoryMB: 128,
    timeoutMs: 500,
    maxEnvironments: 1,
  });
  try {
    const first = `const fs = require('node:fs'); const first = () => { try { fs.writeFileSync(${json(join(taskRoot, 'seen'))}, '', { flag: 'wx' }); return true; } catch { return false; } };`;
    const handlers = `exports.sleeps = async () => { if (first()) await new Promise(() => setInterval(() => {}, 1000)); return { batchItemFailures: [] }; };
      exports.dies = async () => { if (first()) process.kill(process.pid, 'SIGKILL'); return { batchItemFailures: [] }; };`;
    await writeFile(join(taskRoot, 'index.cjs'), `${first}\n${handlers}`);
    const errors: unknown[] = [];
    const mapping = mapStream(streamOf(['a', 'b', 'c']), {
      invoke: lambda.invoke,
      settings: { ...PARTIAL_ON, maximumRetryAttempts: 1 },
      onBatch: ({ records, done: settled, functionError }) =>
        errors.push([records, settled, functionError?.errorType]),
    });
    await mapping.drained();
    await mapping.stop();
    expect(errors).toEqual([
      [3, 0, errorType],
      [3, 3, undefined],
    ]);
    expect(mapping.stats()).toMatchObject({ retries: 1, recordsDone: 3 });
    expect(lambda.stats()).toMatchObject({ coldStarts: 2, errors: 1 });
  } finally {
    await lambda.close();
    await rm(taskRoot, { recursive: true });
  }
};
