import { TransientError } from '../../../errors.ts';
import type { ObjectHead, ObjectStore, ObjectUpload } from '../../../pipeline/objects/object-store.ts';
import type { CallFault, ObjectFate } from './scenario.ts';

/** What becomes of calls while faults last. */
export interface Weather {
  /** The fault of the next call. */
  readonly nextFault: () => CallFault | undefined;
  /** Does something later, whoever asked for it may be gone by then. */
  readonly later: (work: () => Promise<unknown>) => void;
}

/** The view that one invocation has of the object store. */
export interface ObjectSession {
  readonly store: ObjectStore;
  /** Makes another call of the invocation, to its queue. */
  readonly call: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Aborts when its time is up. */
  readonly signal: AbortSignal;
  /** Resolves when the environment is killed. */
  readonly death: Promise<'dead'>;
}

const never = new Promise<never>(() => undefined);

/** An object store as an invocation with this fate finds it in this weather. */
export const openObjectSession = (
  real: ObjectStore,
  fate: ObjectFate,
  { nextFault, later }: Weather,
): ObjectSession => {
  const { promise: death, resolve: die } = Promise.withResolvers<'dead'>();
  const outOfTime = new AbortController();
  let calls = 0;
  const isOver = (): boolean => 'afterCalls' in fate && calls >= fate.afterCalls;
  const isDead = (): boolean => fate.kind === 'killed' && isOver();
  const look = (): void => {
    if (isDead()) die('dead');
    else if (fate.kind === 'outOfTime' && isOver()) outOfTime.abort();
  };
  look();

  const failed = (): never => {
    throw new TransientError('the object store failed');
  };

  const call = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    // A killed environment neither makes calls nor receives answers.
    if (isDead()) return never;
    calls += 1;
    const fault = nextFault();
    if (fault === 'late') later(work);
    try {
      if (fault === undefined) return await work();
      if (fault === 'answerLost') await work();
      return failed();
    } finally {
      look();
      if (isDead()) await never;
    }
  };

  const read: ObjectStore['read'] = async function* (object, range) {
    let isFirst = true;
    for await (const bytes of real.read(object, range)) {
      if (isDead()) await never;
      calls += 1;
      const fault = nextFault();
      look();
      if (isDead()) await never;
      if (fault === 'cut' && isFirst) yield bytes.subarray(0, Math.ceil(bytes.length / 2));
      if (fault !== undefined) failed();
      yield bytes;
      isFirst = false;
    }
  };

  const upload = (one: ObjectUpload): ObjectUpload => ({
    part: (number, body) => call(() => one.part(number, body)),
    copy: (number, source, range) => call(() => one.copy(number, source, range)),
    complete: (options) => call(() => one.complete(options)),
    abort: () => call(() => one.abort()),
  });

  return {
    call,
    death,
    signal: outOfTime.signal,
    store: {
      ...real,
      head: (name, versionId) => call(() => real.head(name, versionId)),
      read,
      put: (name, body, options) => call(() => real.put(name, body, options)),
      startUpload: async (name, options) => upload(await call(() => real.startUpload(name, options))),
      list: async function* (bucket, prefix) {
        yield* await call(async () => {
          const listed: ObjectHead[] = [];
          for await (const head of real.list(bucket, prefix)) listed.push(head);
          return listed;
        });
      },
      delete: (bucket, keys) => call(() => real.delete(bucket, keys)),
    },
  };
};
