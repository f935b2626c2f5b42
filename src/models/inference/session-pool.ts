import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
// The threads load the library by themselves, in this process's environment.
import './no-telemetry.ts';
import type { InferenceSession, Tensor } from './onnxruntime.ts';
import { SESSION_WORKER } from './session-worker.ts';

/** The used methods of a session: one of this thread, or a pool of them. */
export interface GraphSession {
  readonly inputMetadata: InferenceSession['inputMetadata'];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, Tensor>>, fetches: readonly string[]): Promise<Results>;
  release(): Promise<void>;
}

export type Results = Readonly<Record<string, Pick<Tensor, 'type' | 'data' | 'dims'>>>;

/** Runs that are queued for each of several threads, so that it has the next one when it is done. */
const AHEAD = 2;

interface Run {
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly fetches: readonly string[];
  resolve(results: Results): void;
  reject(error: Error): void;
}

type Graph = Pick<GraphSession, 'inputMetadata' | 'outputNames'>;

/** The first message of a thread. */
type Opened = { readonly opened: Graph } | { readonly error: string };

/** A thread's message about a run. */
type Answer = { readonly id: number } & ({ readonly results: Results } | { readonly error: string });

/**
 * A graph that several threads run concurrently, each with a single-threaded session of its own: one micro-batch per
 * thread. Threads within an operator would wait for each other many times in each micro-batch. Runs begin in the order
 * of the calls. A thread that crashes ends the process, as a crash of ONNX Runtime in this thread would.
 *
 * @param options of each session
 * @throws Error with ONNX Runtime's reason where the graph cannot be opened
 */
export const openSessionPool = async (
  file: string,
  threads: number,
  options: InferenceSession.SessionOptions,
): Promise<GraphSession> => {
  const opening = Array.from({ length: threads }, () => openThread(file, options));
  const settled = await Promise.allSettled(opening);
  const opened = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const release = async (): Promise<void> => {
    await Promise.all(opened.map(({ worker }) => worker.terminate()));
  };
  const failure = settled.find(({ status }) => status === 'rejected');
  const [first] = opened;
  if (first === undefined || failure?.status === 'rejected') {
    await release();
    throw failure?.status === 'rejected' ? failure.reason : new Error('a pool needs a thread');
  }

  const ahead = threads === 1 ? Number.POSITIVE_INFINITY : AHEAD;
  const waiting: Run[] = [];
  const give = (): void => {
    for (;;) {
      const idlest = opened.reduce((a, b) => (b.running.size < a.running.size ? b : a));
      const run = idlest.running.size < ahead ? waiting.shift() : undefined;
      if (run === undefined) return;
      start(idlest, run);
    }
  };
  for (const thread of opened) {
    thread.worker.on('message', (answer: Answer) => {
      finish(thread, answer);
      give();
    });
  }
  return {
    ...first.graph,
    run: (feeds, fetches) =>
      new Promise((resolve, reject) => {
        waiting.push({ feeds, fetches, resolve, reject });
        give();
      }),
    release,
  };
};

interface Thread {
  readonly worker: Worker;
  readonly graph: Graph;
  readonly running: Map<number, Run>;
  asked: number;
}

const openThread = async (file: string, options: InferenceSession.SessionOptions): Promise<Thread> => {
  const worker = new Worker(SESSION_WORKER, { eval: true, workerData: { file, options } });
  const [message] = (await once(worker, 'message')) as [Opened];
  if ('opened' in message) {
    // A thread without work must not keep the process.
    worker.unref();
    return { worker, graph: message.opened, running: new Map(), asked: 0 };
  }
  await worker.terminate();
  throw new Error(message.error);
};

const start = (thread: Thread, run: Run): void => {
  const { worker, running } = thread;
  const id = thread.asked;
  thread.asked += 1;
  if (running.size === 0) worker.ref();
  running.set(id, run);
  const tensors = Object.entries(run.feeds).map(
    ([name, { type, data, dims }]) => [name, { type, data, dims }] as const,
  );
  const feeds: Results = Object.fromEntries(tensors);
  worker.postMessage({ id, feeds, fetches: run.fetches });
};

const finish = ({ worker, running }: Thread, answer: Answer): void => {
  const run = running.get(answer.id);
  running.delete(answer.id);
  if (running.size === 0) worker.unref();
  if ('error' in answer) run?.reject(new Error(answer.error));
  else run?.resolve(answer.results);
};
