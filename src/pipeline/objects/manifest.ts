import { must, TransientError } from '../../errors.ts';
import { manifestName, outputName } from './names.ts';
import type { WriteResult } from './object-store.ts';
import { total, type ShardReport } from './report.ts';
import type { Manifest, ObjectFault, ObjectParts, ObjectRun, ShardSummary } from './run.ts';
import { headOf, jsonOf } from './stored-json.ts';

type Stored = Pick<ObjectParts, 'store' | 'settings'>;

/** What became of a run that is done; undefined where it is not. */
export const finishedRun = async (
  run: ObjectRun,
  { store, settings }: Stored,
): Promise<Manifest | undefined> => {
  const manifest = (await jsonOf(store, manifestName(run, settings.output))) as Manifest | undefined;
  if (manifest !== undefined && isRefusal(manifest)) return undefined;
  // Under plain names it may be of another run. Under others it is of this version and model, whatever the settings.
  return settings.output.naming === 'versioned' || manifest?.run === run.id ? manifest : undefined;
};

/** Nobody has worked on its run: another host may, and then replaces it. */
const isRefusal = ({ error }: Manifest): boolean => error?.code === 'object-too-large';

/** Where outputs have names of their own, the first that is written stays. */
export const isOnce = ({ settings }: Pick<ObjectParts, 'settings'>): boolean =>
  settings.output.naming === 'versioned';

/** Removes the manifest of another run from under a plain name, before the output that it describes is replaced. */
export const removeOther = async (run: ObjectRun, parts: Stored): Promise<void> => {
  if (isOnce(parts)) return;
  const name = manifestName(run, parts.settings.output);
  const other = (await jsonOf(parts.store, name)) as Manifest | undefined;
  if (other !== undefined && other.run !== run.id) await parts.store.delete(name.bucket, [name.key]);
};

/**
 * Writes the manifest of an output that is complete.
 *
 * @param bytes of the output @param result of writing it; undefined where there is none
 * @returns the manifest that is there now: another's, where it was first
 * @throws TransientError where the output is of a run with other settings
 */
export const finishRun = async (
  run: ObjectRun,
  reports: readonly ShardReport[],
  { bytes, result }: { readonly bytes: number; readonly result: WriteResult | undefined },
  parts: Stored,
): Promise<Manifest> => {
  const { store, settings } = parts;
  if (result === 'exists') {
    const theirs = await finishedRun(run, parts);
    if (theirs !== undefined) return theirs;
    await requireSame(run, bytes, parts);
  }
  const manifest = manifestOf(run, reports, result === undefined ? undefined : bytes, parts);
  if ((await write(manifest, run, parts)) === 'written') return manifest;
  const theirs = await finishedRun(run, parts);
  if (theirs !== undefined) return theirs;
  const { bucket, key } = manifestName(run, settings.output);
  await store.delete(bucket, [key]);
  if ((await write(manifest, run, parts)) === 'written') return manifest;
  return must(await finishedRun(run, parts), `manifest of ${run.source.key}`);
};

const write = (manifest: Manifest, run: ObjectRun, parts: Stored): Promise<WriteResult> =>
  parts.store.put(
    manifestName(run, parts.settings.output),
    Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`),
    { contentType: 'application/json', ifAbsent: isOnce(parts) },
  );

/**
 * Says in a manifest that nobody works on a run, and why. It counts for nothing: who can work on the run replaces it.
 *
 * @returns the manifest that is there now: another's, where the run is finished
 */
export const refuseRun = async (run: ObjectRun, error: ObjectFault, parts: Stored): Promise<Manifest> => {
  const manifest: Manifest = {
    ...{ status: 'failed', error, run: run.id, model: run.model, source: run.source },
    ...{ counts: { lines: 0, labelled: 0, errors: {} }, shards: [] },
  };
  const written = await write(manifest, run, parts);
  return (written === 'exists' ? await finishedRun(run, parts) : undefined) ?? manifest;
};

/** An output without a manifest is that of an attempt that ended in between, unless the settings were others. */
const requireSame = async (run: ObjectRun, bytes: number, { store, settings }: Stored): Promise<void> => {
  const name = outputName(run, settings.output);
  const there = await headOf(store, name);
  if (there?.size === bytes) return;
  throw new TransientError(
    `${name.key} in bucket ${name.bucket} was written with other settings, and has no manifest; delete it`,
    { isLasting: true },
  );
};

const manifestOf = (
  run: ObjectRun,
  reports: readonly ShardReport[],
  bytes: number | undefined,
  { settings }: Stored,
): Manifest => {
  const error = reports.find((report) => report.error !== undefined)?.error;
  const seconds = reports.map((report) => report.seconds);
  return {
    status: error === undefined ? 'complete' : bytes === undefined ? 'failed' : 'incomplete',
    ...(error !== undefined && { error }),
    run: run.id,
    model: run.model,
    source: run.source,
    ...(bytes !== undefined && { output: { ...outputName(run, settings.output), bytes } }),
    counts: total(reports.map(({ counts }) => counts)),
    shards: summaries(reports),
    ...(!seconds.includes(undefined) && {
      seconds:
        Math.round(seconds.reduce<number>((sum, one) => sum + must(one, 'seconds'), 0) * 1_000) / 1_000,
    }),
  };
};

const summaries = (reports: readonly ShardReport[]): readonly ShardSummary[] => {
  let start = 0;
  return reports.map(({ bytes, counts: { lines }, sha256 }) => {
    const summary = { start, bytes, lines, sha256 };
    start += bytes;
    return summary;
  });
};
