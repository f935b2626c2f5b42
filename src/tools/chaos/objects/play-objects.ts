import { must } from '../../../errors.ts';
import { objectRuns } from '../../../pipeline/objects/object-runs.ts';
import type { ObjectStore } from '../../../pipeline/objects/object-store.ts';
import type { QueuedMessage } from '../../../pipeline/objects/sqs-event.ts';
import { bytesOf } from '../../../pipeline/objects/stored-json.ts';
import { isReturned, workMessages } from '../../../pipeline/objects/work-messages.ts';
import { UNMETERED } from '../../../pipeline/meter.ts';
import { toyModels } from '../histories/toy-models.ts';
import { openObjectSession } from './faulty-objects.ts';
import { fileOf, keyOf } from './files.ts';
import { objectQueue } from './object-queue.ts';
import { OUTPUT, type QuietRun, quietRun, settingsOf, SOURCE } from './quiet-run.ts';
import type { ObjectFate, ObjectScenario, ObjectStep } from './scenario.ts';

/** What is there when all messages are done. */
export interface PlayedObjects {
  readonly store: ObjectStore;
  /** What quiet runs leave, of every version that an object had. */
  readonly quiet: readonly QuietRun[];
  /** Of the versions that are there at the end: the keys of their manifests. */
  readonly current: ReadonlySet<string>;
  /** Texts that a model was asked about. */
  readonly inferences: number;
  /** Final objects that were not what a quiet run writes when they appeared. */
  readonly wrong: readonly string[];
}

/** More invocations than any history needs. */
const MOST_INVOCATIONS = 3_000;

const FINE: ObjectFate = { kind: 'fine' };

/** How many deliveries later something happens that nobody waits for. */
const LATE_BY = 3;

/** Plays a history with its faults to the end, through the door's messages. */
export const playObjects = async (scenario: ObjectScenario, objects: ObjectStore): Promise<PlayedObjects> => {
  const quiet = new Map<string, QuietRun>();
  const wrong: string[] = [];
  const store = watched(objects, quiet, wrong);
  const queue = objectQueue();
  const current = new Map<string, string>();
  const delays = [...scenario.delays];
  const faults = [...scenario.faults];
  const fates = [...scenario.fates];
  const late: { readonly at: number; readonly work: () => Promise<unknown> }[] = [];
  let inferences = 0;
  let invocations = 0;

  const models = toyModels();
  const counted: typeof models = {
    resolve: models.resolve,
    load: async (id) => {
      const model = await models.load(id);
      return {
        ...model,
        classify: (inputs) => {
          inferences += inputs.length;
          return model.classify(inputs);
        },
      };
    },
  };
  const settings = settingsOf(scenario);

  const doStep = async (step: ObjectStep): Promise<void> => {
    const name = { bucket: SOURCE, key: keyOf(scenario, step.name) };
    if (step.kind === 'delete') {
      current.delete(name.key);
      return store.delete(SOURCE, [name.key]);
    }
    const body = fileOf(must(scenario.suffixes[step.name], 'kind of an object'), step.lines);
    const run = await quietRun(name, body);
    quiet.set(run.manifestKey, run);
    current.set(name.key, run.manifestKey);
    await store.put(name, body);
    const { etag, size } = await store.head(name);
    const event = {
      source: 'aws.s3',
      'detail-type': 'Object Created',
      detail: { bucket: { name: SOURCE }, object: { key: name.key, etag, size } },
    };
    for (const delay of delays.shift() ?? [0]) queue.add(JSON.stringify(event), delay);
  };

  const invoke = async (message: QueuedMessage): Promise<void> => {
    invocations += 1;
    const session = openObjectSession(store, fates.shift() ?? FINE, {
      nextFault: () => faults.shift(),
      later: (work) => late.push({ at: invocations + LATE_BY, work }),
    });
    const parts = {
      runs: objectRuns({ store: session.store, models: counted, settings }),
      queue: {
        send: (bodies: readonly string[]) =>
          session.call(async () => {
            for (const body of bodies) queue.add(body);
          }),
        delay: async () => undefined,
      },
      settings: { output: settings.output, maxShareBytes: 2 ** 20 },
      deadlineMarginMs: 0,
    };
    const deadline = {
      remainingMs: () => (session.signal.aborted ? 0 : 60_000),
      signal: () => session.signal,
    };
    const worked = await Promise.race([
      workMessages([message], parts, deadline, UNMETERED),
      session.death.then(() => undefined),
    ]);
    if (worked === undefined || worked.some(isReturned)) queue.giveBack(message);
  };

  const passTime = async (now: number): Promise<void> => {
    for (const one of late.filter(({ at }) => at <= now)) {
      late.splice(late.indexOf(one), 1);
      // Nobody learns of its error.
      await one.work().catch(() => undefined);
    }
  };

  const steps = [...scenario.steps];
  for (let turn = 0; ; turn += 1) {
    const choice = scenario.order[turn] ?? 0;
    const step = choice % 3 === 2 && turn < scenario.order.length ? undefined : steps.shift();
    if (step !== undefined) await doStep(step);
    await passTime(invocations);
    const messages = Array.from({ length: scenario.concurrency }, () => queue.take(choice)).filter(
      (message) => message !== undefined,
    );
    if (messages.length === 0 && steps.length === 0) break;
    await Promise.all(messages.map(invoke));
    if (invocations > MOST_INVOCATIONS) throw new Error('messages come back for ever');
  }
  await passTime(Infinity);
  return {
    store,
    quiet: [...quiet.values()],
    current: new Set(current.values()),
    inferences,
    wrong,
  };
};

/** Looks at each final object when it appears: nobody may ever see another content. */
const watched = (store: ObjectStore, quiet: ReadonlyMap<string, QuietRun>, wrong: string[]): ObjectStore => {
  const look = async (key: string): Promise<void> => {
    if (!key.endsWith('.out')) return;
    const expected = [...quiet.values()].find(({ output }) => output?.key === key);
    const head = await store.head({ bucket: OUTPUT, key });
    const bytes = await bytesOf(store.read(head));
    if (expected?.output?.bytes.equals(bytes) !== true) wrong.push(key);
  };
  return {
    ...store,
    put: async (name, body, options) => {
      const result = await store.put(name, body, options);
      await look(name.key);
      return result;
    },
    startUpload: async (name, options) => {
      const upload = await store.startUpload(name, options);
      return {
        ...upload,
        complete: async (how) => {
          const result = await upload.complete(how);
          await look(name.key);
          return result;
        },
      };
    },
  };
};
