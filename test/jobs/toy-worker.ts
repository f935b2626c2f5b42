/** A worker whose tasks say what becomes of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, PermanentError, TransientError } from '../../src/errors.ts';
import type { ShardTask } from '../../src/pipeline/objects/run.ts';
import { serveShards } from '../../src/jobs/worker.ts';

const deeds = (signal: AbortSignal): Readonly<Record<string, () => Promise<void>>> => ({
  done: async () => undefined,
  refused: () => Promise.reject(new PermanentError('bad-text', 'the text is bad')),
  lasting: () => Promise.reject(new TransientError('no permission', { isLasting: true })),
  crash: async () => {
    process.kill(process.pid, 'SIGKILL');
  },
  forever: () => sleep(600_000, undefined, { signal }),
  deaf: () => sleep(600_000),
  busy: () => sleep(200),
});

await serveShards(async () => {
  if (process.env.TOY === 'unusable') throw new ConfigError('MODEL: there is no such model');
  if (process.env.TOY === 'exit') process.exit(3);
  let listener: (texts: number) => void = () => undefined;
  return {
    onTexts: (listen) => {
      listener = listen;
    },
    work: async (task: ShardTask, signal) => {
      listener(10);
      await deeds(signal)[task.run.id]?.();
      return { kind: 'done', counts: { lines: 10, worker: Number(process.env.LABELSTREAM_WORKER) } };
    },
  };
});
