import pMap from 'p-map';
import { describeError, must, TransientError } from '../../errors.ts';
import { type ChangingModels, modelId, type ModelFolder } from '../folder/model-folder.ts';
import { findWithStages, type FoundModels, inUseOf } from './find-with-stages.ts';

/** What a registry does with models that are found while it is in use. */
export interface RenewableCatalogue {
  /** What each name stands for, as `name@version`. */
  inUse(): ReadonlyMap<string, string>;
  /** Whether a model has been loaded and answers its examples as expected. */
  isProven(id: string): boolean;
  /** Whether a model is to be loaded: a default one, one that is in memory, one whose load failed. */
  isNeeded(id: string): boolean;
  /** Adds models that can be loaded by `name@version`. @throws Error where they would not go together with the others */
  add(models: Iterable<ModelFolder>): void;
  /** Makes names stand for these. @throws like `add` */
  use(inUse: ReadonlyMap<string, string>): void;
  /** Loads a model and checks its examples. */
  prove(id: string): Promise<void>;
}

export interface RenewalOptions {
  readonly refreshMs: number;
  /** Names stand for what they stood for until the new version is loaded, and nothing waits for it. */
  readonly isBeside?: boolean | undefined;
  /** Is told of a version that is not taken up, and why. */
  readonly onFault?: ((fault: { readonly id: string; readonly error: Error }) => void) | undefined;
  /** Is told of a version that is used from now on, and of the one before. */
  readonly onUse?: ((change: { readonly id: string; readonly before: string }) => void) | undefined;
  readonly now?: (() => number) | undefined;
}

export interface Renewal {
  /** `Models.renew`. It does not reject. */
  renew(): Promise<boolean>;
  /** Notes that a name was not found. @throws TransientError where it could not be looked for the last time */
  missing(name: string): void;
  /** Looks for all names that there are, for a list of them. It does not reject. */
  discover(): Promise<void>;
}

const CONCURRENCY = 8;
/** Names that were not found are remembered, but not all that anybody may think of. */
const MOST_ABSENT = 10_000;

const idIn = (found: FoundModels, name: string): string =>
  modelId(must(found.get(name), 'model of a name').manifest);

/**
 * Keeps a catalogue as a source has it. A version replaces another only after it is loaded beside it and has answered
 * its examples; where any of that fails, the other stays. Where there is no other yet, the versions that were in use
 * before it are tried.
 */
export const renewal = (
  source: ChangingModels,
  catalogue: RenewableCatalogue,
  { refreshMs, isBeside = false, onFault, onUse, now = () => performance.now() }: RenewalOptions,
): Renewal => {
  const checkedMs = new Map<string, number>();
  const missed = new Set<string>();
  const absentUntilMs = new Map<string, number>();
  const unreachable = new Map<string, TransientError>();
  let refreshing: Promise<void> | undefined;
  let discoveredMs = Number.NEGATIVE_INFINITY;

  const report = (id: string, error: unknown): void =>
    onFault?.({ id, error: error instanceof Error ? error : new Error(describeError(error)) });

  const proven = async (name: string, found: FoundModels): Promise<boolean> => {
    const id = idIn(found, name);
    try {
      catalogue.add(found.values());
      // Stages that are in use have versions that work, and are taken up for themselves.
      const known = catalogue.inUse();
      catalogue.use(new Map([...inUseOf(found)].filter(([one]) => one !== name && !known.has(one))));
      await catalogue.prove(id);
      catalogue.use(new Map([[name, id]]));
      return true;
    } catch (error) {
      report(id, error);
      return false;
    }
  };

  /** Makes a name stand for a version that works: what was found, or else what it stood for before. */
  const settle = async (name: string, found: FoundModels): Promise<void> => {
    const wanted = idIn(found, name);
    const before = catalogue.inUse().get(name);
    if (before === wanted && catalogue.isProven(wanted)) return;
    if (await proven(name, found)) {
      if (before !== undefined && before !== wanted) onUse?.({ id: wanted, before });
      return;
    }
    if (before !== undefined && catalogue.isProven(before)) return;
    for (const model of await source.before(name)) {
      const id = modelId(model.manifest);
      if (await proven(name, new Map([[name, model]]))) return onUse?.({ id, before: wanted });
    }
    // Its load says what is wrong, and the records wait.
    if (before === undefined) catalogue.use(inUseOf(found));
  };

  const refresh = async (name: string): Promise<void> => {
    const id = catalogue.inUse().get(name) ?? name;
    try {
      const found = await findWithStages(source, name);
      // A name that is gone keeps what it stood for.
      if (found === undefined) return;
      const isLazy = !catalogue.isNeeded(id) && !catalogue.isProven(id);
      if (!isLazy) return await settle(name, found);
      catalogue.add(found.values());
      catalogue.use(inUseOf(found));
    } catch (error) {
      report(id, error);
    } finally {
      checkedMs.set(name, now());
    }
  };

  const isDue = (name: string): boolean => now() - (checkedMs.get(name) ?? -Infinity) >= refreshMs;

  const refreshDue = async (): Promise<void> => {
    const due = [...catalogue.inUse().keys()].filter(isDue);
    if (due.length === 0) return;
    refreshing ??= pMap(due, refresh, { concurrency: CONCURRENCY })
      .then(() => undefined)
      .finally(() => {
        refreshing = undefined;
      });
    const isServing = due.every((name) => catalogue.isProven(catalogue.inUse().get(name) ?? name));
    if (!isBeside || !isServing) await refreshing;
  };

  const lookFor = async (name: string): Promise<void> => {
    try {
      const found = await findWithStages(source, name);
      if (found === undefined) return absent(name);
      catalogue.add(found.values());
      if (name.includes('@')) return;
      await settle(name, found);
      checkedMs.set(name, now());
    } catch (error) {
      report(name, error);
      notReached(name, error);
    }
  };

  const absent = (name: string): void => {
    if (absentUntilMs.size >= MOST_ABSENT) absentUntilMs.clear();
    absentUntilMs.set(name, now() + refreshMs);
  };

  const notReached = (name: string, error: unknown): void => {
    const waits = error instanceof TransientError ? error : undefined;
    unreachable.set(name, waits ?? new TransientError(`model ${name} cannot be used`, { cause: error }));
  };

  /** @returns whether resolving them again would have another result */
  const lookForMissed = async (): Promise<boolean> => {
    const names = [...missed];
    missed.clear();
    if (names.length === 0) return false;
    for (const name of names) unreachable.delete(name);
    try {
      // One list, however many names: and only who may list gets 404 for an object that is not there.
      const known = new Set(await source.names());
      for (const name of names) if (!known.has(name)) absent(name);
      const found = names.filter((name) => known.has(name));
      await pMap(found, lookFor, { concurrency: CONCURRENCY });
      return found.length > 0;
    } catch (error) {
      report('all models', error);
      for (const name of names) notReached(name, error);
      return true;
    }
  };

  return {
    renew: async () => {
      await refreshDue();
      return lookForMissed();
    },
    missing: (name) => {
      const until = absentUntilMs.get(name);
      if (until !== undefined && until > now()) return;
      missed.add(name);
      const error = unreachable.get(name);
      if (error !== undefined) throw error;
    },
    discover: async () => {
      if (now() - discoveredMs < refreshMs) return;
      discoveredMs = now();
      try {
        const names = (await source.names()).filter((name) => !name.includes('@'));
        const unknown = names.filter((name) => !catalogue.inUse().has(name));
        await pMap(unknown, refresh, { concurrency: CONCURRENCY });
      } catch (error) {
        report('all models', error);
      }
    },
  };
};
