import type { Classifier, Input, Models, Prediction } from '../tasks/model.ts';
import { CallerGoneError } from './caller-gone-error.ts';
import { OverloadedError } from './overloaded-error.ts';

/** What waits, and how much of it is run together. */
export interface BatchingLimits {
  /** The most texts of a run. */
  readonly runTexts: number;
  /** Milliseconds that a run should take, by the speed of the model; it has at least a few texts. */
  readonly runMs: number;
  /** Milliseconds that a run waits for more texts while nothing runs; what comes during a run waits anyway. */
  readonly waitMs: number;
  /** Texts that may wait for a model; a request with more of them is accepted when nothing else waits. */
  readonly queueTexts: number;
  /** Requests that may wait for a model. */
  readonly queueRequests: number;
}

export interface BatchingOptions extends BatchingLimits {
  /** Called for each run that has ended. */
  readonly onRun?: (run: Run) => void;
  /** Called as a request arrives. @returns whether its caller has gone: then the texts that still wait are dropped */
  readonly watchCaller?: () => () => boolean;
}

/** A run of a model that has ended. */
export interface Run {
  /** `name@version` */
  readonly model: string;
  readonly texts: number;
  readonly ms: number;
}

export interface BatchingModels extends Models {
  /** The number of texts that wait, of each model that was asked. */
  waiting(): ReadonlyMap<string, number>;
}

/** Texts of one call that wait, run or are done. */
interface Request {
  readonly inputs: readonly Input[];
  readonly predictions: Prediction[];
  /** The first text that is in no run yet. */
  next: number;
  /** Texts without a prediction. */
  left: number;
  readonly isGone: () => boolean;
  resolve(predictions: readonly Prediction[]): void;
  reject(error: unknown): void;
}

/** The requests that wait for one model, in the order of their turns. */
interface Queue {
  readonly id: string;
  readonly requests: Request[];
  /** Texts that are in no run yet. */
  texts: number;
  /** Texts of the runs that have not ended. */
  running: number;
  /** When its last run ended, in ms. */
  endedAt: number;
  /** `called`: the model is loading, or has its place in the rotation. */
  state: 'idle' | 'called';
  /** Calls that wait for the model to be loaded. */
  loads: number;
  /** Texts per millisecond, a moving average. */
  rate: number;
  /** The same in the best of the last runs, which no other work on this CPU has slowed down. */
  bestRate: number;
}

/** A model's place in the rotation. */
interface Turn {
  readonly queue: Queue;
  readonly model: Classifier;
}

/** Texts of one request in a run. */
interface Part {
  readonly request: Request;
  readonly from: number;
  readonly to: number;
}

/** Runs at a time: beside this thread the second has its texts ready when the first ends, while those are answered. */
const runsOf = ({ isBeside = false }: Classifier): number => (isBeside ? 2 : 1);

/** How many turns a run has at least: no request takes a whole run while others wait. */
const TURNS = 4;

/** The weight of the last run in the moving average of the rate. */
const RECENT = 0.2;

/** What is left of the best rate after each run. */
const FORGOTTEN = 0.99;

/** The least texts of a run, however slow: texts of equal length share its batches. */
const FEW_TEXTS = 16;

const LONGEST_RETRY_SECONDS = 60;

/**
 * Models whose concurrent calls share runs: what comes during a run waits for the next one. One model at a time, models
 * in turn, and in a run the requests in turn, so that neither a busy model nor a large request keeps others waiting.
 * That changes no answer: models give a text the same scores in any batch.
 *
 * A call rejects with an OverloadedError where too much waits already, with a CallerGoneError where its caller has
 * gone, and with the model's error where a run fails as a whole.
 */
export const batchingModels = (models: Models, options: BatchingOptions): BatchingModels => {
  const { waitMs, onRun, watchCaller = () => () => false } = options;
  const queues = new Map<string, Queue>();
  const rotation: Turn[] = [];
  let runs = 0;
  let running: Queue | undefined;
  let pause: NodeJS.Timeout | undefined;
  let start: NodeJS.Immediate | undefined;

  /** Puts a model with waiting texts into the rotation, once it is loaded; others run meanwhile. */
  const call = (queue: Queue): void => {
    if (queue.state === 'called' || queue.texts === 0) return;
    queue.state = 'called';
    models.load(queue.id).then(
      (model) => {
        rotation.push({ queue, model });
        schedule(waitMs);
      },
      (error: unknown) => {
        queue.state = 'idle';
        queue.texts = 0;
        for (const request of queue.requests.splice(0)) request.reject(error);
      },
    );
  };

  /** Nothing runs; or a model beside this thread has one run, and as many texts wait for it. */
  const mayRun = ({ queue, model }: Turn): boolean =>
    runs === 0 || (running === queue && runs < runsOf(model) && queue.texts >= queue.running);

  const schedule = (ms: number): void => {
    const [next] = rotation;
    if (start !== undefined || next === undefined || !mayRun(next)) return;
    const isFull = rotation.some((turn) => turn.queue.texts >= sizeOf(turn, options));
    if (ms > 0 && !isFull) {
      pause ??= setTimeout(() => {
        pause = undefined;
        schedule(0);
      }, ms);
      return;
    }
    clearTimeout(pause);
    pause = undefined;
    // Sockets are read first: the run then has the texts of all requests that have come in.
    start = setImmediate(() => {
      start = undefined;
      runNext().catch(() => undefined);
    });
  };

  const runNext = async (): Promise<void> => {
    const next = rotation.shift();
    if (next === undefined) return;
    const { queue, model } = next;
    const parts = take(queue, sizeOf(next, options));
    const texts = parts.reduce((total, { from, to }) => total + to - from, 0);
    queue.state = 'idle';
    queue.running += texts;
    running = queue;
    runs += 1;
    call(queue);
    if (parts.length > 0) await run(queue, model, parts);
    queue.running -= texts;
    runs -= 1;
    schedule(0);
  };

  const run = async (queue: Queue, model: Classifier, parts: readonly Part[]): Promise<void> => {
    const inputs = parts.flatMap(({ request, from, to }) => request.inputs.slice(from, to));
    const began = performance.now();
    try {
      const predictions = await model.classify(inputs);
      answer(parts, predictions);
    } catch (error) {
      for (const { request } of parts) drop(queue, request, error);
    }
    const ended = performance.now();
    // Since it had the model for itself.
    const ms = ended - Math.max(began, queue.endedAt);
    queue.endedAt = ended;
    const rate = inputs.length / Math.max(ms, 0.001);
    queue.rate = queue.rate === 0 ? rate : queue.rate + RECENT * (rate - queue.rate);
    queue.bestRate = Math.max(rate, queue.bestRate * FORGOTTEN);
    onRun?.({ model: queue.id, texts: inputs.length, ms });
  };

  const queueOf = (id: string): Queue => {
    const queue = queues.get(id) ?? {
      id,
      requests: [],
      texts: 0,
      running: 0,
      endedAt: 0,
      state: 'idle',
      loads: 0,
      rate: 0,
      bestRate: 0,
    };
    queues.set(id, queue);
    return queue;
  };

  const classify = (queue: Queue, inputs: readonly Input[]): Promise<readonly Prediction[]> => {
    const refusal = refusalOf(queue, inputs.length, options);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (inputs.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      queue.requests.push({
        inputs,
        predictions: new Array<Prediction>(inputs.length),
        next: 0,
        left: inputs.length,
        isGone: watchCaller(),
        resolve,
        reject,
      });
      queue.texts += inputs.length;
      call(queue);
      schedule(waitMs);
    });
  };

  return {
    resolve: (names) => models.resolve(names),
    ...(models.renew !== undefined && { renew: models.renew }),
    load: async (id) => {
      const queue = queueOf(id);
      if (queue.loads >= options.queueRequests)
        throw new OverloadedError(`model ${id} is loading: try again later`, 1);
      queue.loads += 1;
      try {
        const { task, attribute } = await models.load(id);
        return { id, task, attribute, classify: (inputs) => classify(queue, inputs) };
      } finally {
        queue.loads -= 1;
      }
    },
    waiting: () => new Map([...queues].map(([id, { texts }]) => [id, texts])),
  };
};

const refusalOf = (
  { id, requests, texts, rate }: Queue,
  more: number,
  { queueTexts, queueRequests }: BatchingLimits,
): OverloadedError | undefined => {
  if (requests.length < queueRequests && (texts === 0 || texts + more <= queueTexts)) return undefined;
  const seconds = rate === 0 ? 1 : Math.ceil(texts / rate / 1000);
  return new OverloadedError(
    `${requests.length} requests with ${texts} texts are waiting for model ${id}: try again later`,
    Math.min(Math.max(seconds, 1), LONGEST_RETRY_SECONDS),
  );
};

/** How many texts the next run may have: of two runs each half of what there is, so that neither waits for the other. */
const sizeOf = ({ queue, model }: Turn, { runTexts, runMs }: BatchingLimits): number =>
  Math.min(
    runTexts,
    Math.max(FEW_TEXTS, Math.floor(queue.bestRate * runMs)),
    Math.max(1, Math.ceil((queue.texts + queue.running) / runsOf(model))),
  );

/** Takes the texts of the next run: some of each request in turn, until the run is full. */
const take = (queue: Queue, runTexts: number): readonly Part[] => {
  const slice = Math.max(1, Math.floor(runTexts / TURNS));
  const parts: Part[] = [];
  let room = runTexts;
  while (room > 0) {
    const request = queue.requests.shift();
    if (request === undefined) break;
    if (request.isGone()) {
      queue.texts -= request.inputs.length - request.next;
      request.reject(new CallerGoneError('the caller has closed the connection'));
      continue;
    }
    const from = request.next;
    const to = Math.min(request.inputs.length, from + Math.min(slice, room));
    parts.push({ request, from, to });
    request.next = to;
    queue.texts -= to - from;
    room -= to - from;
    if (to < request.inputs.length) queue.requests.push(request);
  }
  return parts;
};

const answer = (parts: readonly Part[], predictions: readonly Prediction[]): void => {
  let given = 0;
  for (const { request, from, to } of parts) {
    for (let index = from; index < to; index += 1) {
      const prediction = predictions[given];
      given += 1;
      if (prediction !== undefined) request.predictions[index] = prediction;
    }
    request.left -= to - from;
    if (request.left === 0) request.resolve(request.predictions);
  }
};

/** Fails a request, and takes what still waits of it out of the queue. */
const drop = (queue: Queue, request: Request, error: unknown): void => {
  const position = queue.requests.indexOf(request);
  if (position >= 0) {
    queue.requests.splice(position, 1);
    queue.texts -= request.inputs.length - request.next;
  }
  request.reject(error);
};
