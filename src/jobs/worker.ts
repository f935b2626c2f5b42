import { setTimeout as sleep } from 'node:timers/promises';
import { describeError, TransientError } from '../errors.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import type { ShardResult, ShardWork, WorkSignals } from './shard-work.ts';

/** How often a shard is tried before it counts as failed, and the pauses between: the adapters have retried before. */
const PAUSES_MS = [1_000, 5_000];

/** How often it says what it has done. */
const TEXTS_MS = 250;

/** Works shards for the process that started this one, until that says so or ends. @param open may reject */
export const serveShards = async <Task>(
  open: (signals: WorkSignals) => Promise<ShardWork<Task>>,
): Promise<void> => {
  // A terminal sends its signals to this process, too: the other one decides.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);
  process.on('disconnect', () => process.exit(0));
  const [stop, controller] = [new AbortController(), new AbortController()];
  const signals: WorkSignals = { stop: stop.signal, signal: controller.signal };
  let tasks: (task: Task) => void = () => undefined;
  process.on('message', (message: ToWorker<Task>) => {
    if ('task' in message) tasks(message.task);
    else if ('stop' in message) stop.abort(new Error('the job was stopped'));
    else if ('abort' in message) controller.abort(new Error('the job was stopped'));
    else process.disconnect();
  });
  let work: ShardWork<Task>;
  try {
    work = await open(signals);
  } catch (error) {
    await tell({ unusable: describeError(error) });
    process.exit(2);
  }
  let texts = 0;
  work.onTexts?.((more) => {
    texts += more;
  });
  const tellTexts = async (): Promise<void> => {
    const told = texts;
    texts = 0;
    if (told > 0) await tell({ texts: told });
  };
  setInterval(() => void tellTexts(), TEXTS_MS).unref();
  tasks = (task) => {
    void outcomeOf(work, task, signals).then(async (outcome) => {
      await tellTexts();
      await tell(outcome);
    });
  };
  await tell({ ready: true });
};

const tell = (message: FromWorker): Promise<void> =>
  new Promise((resolve) => {
    // The other process may have ended; so does this one then.
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, () => resolve());
  });

const outcomeOf = async <Task>(
  work: ShardWork<Task>,
  task: Task,
  { stop, signal }: WorkSignals,
): Promise<FromWorker> => {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return { result: { ...(await work.work(task, signal)), peakMB: peakMB() } };
    } catch (error) {
      if (signal.aborted || (stop.aborted && error === stop.reason)) return { stopped: true };
      const pause = PAUSES_MS[attempt];
      const canRetry = error instanceof TransientError && !error.isLasting;
      if (!canRetry || pause === undefined) return { result: failed(error) };
      const isOver = await sleep(pause, true, { signal }).catch(() => false);
      if (!isOver) return { stopped: true };
    }
  }
};

const peakMB = (): number => Math.round(process.resourceUsage().maxRSS / 1_024);

const failed = (error: unknown): ShardResult => ({ kind: 'failed', reason: describeError(error) });
