import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { transient } from '../aws-errors.ts';
import { ConfigError, errorName, must, ObjectError, TransientError } from '../errors.ts';
import { neededAttributes } from '../pipeline/relabel/attributes.ts';
import type { Consumed } from '../pipeline/relabel/counts.ts';
import { onlyModel } from '../pipeline/relabel/only-model.ts';
import type { RelabelParts } from '../pipeline/relabel/relabel-items.ts';
import type { ItemSource } from '../pipeline/relabel/source.ts';
import { capacityLimit } from '../stores/dynamodb/capacity-limit.ts';
import { meterClient } from '../stores/dynamodb/metered-client.ts';
import { segmentNames, tableScan } from '../stores/dynamodb/table-scan.ts';
import { labelledRows } from '../stores/labelled-rows.ts';
import { createFolder, parsePlace } from '../stores/objects/place.ts';
import { relabelProgress } from '../stores/relabel-progress.ts';
import { readExportManifest } from '../stores/table-export/manifest.ts';
import { exportPlace } from '../stores/table-export/place.ts';
import { exportSource } from '../stores/table-export/source.ts';
import { checkAttributes } from './attribute-clashes.ts';
import { type Config, readConfig } from './config.ts';
import { openJobModels } from './job-models.ts';
import { documentSettings, openLabels } from './labels.ts';
import { openPlaces } from './place-objects.ts';
import { readRelabelConfig } from './relabel-config.ts';

/** Items that are looked at together, and between two of which a job can be stopped. */
const PAGE = 250;

/** The job `relabel`, in each of the processes that work for it. */
export interface RelabelWork {
  readonly source: ItemSource;
  readonly parts: Omit<RelabelParts, 'meter'>;
  readonly progress: ReturnType<typeof relabelProgress>;
  /** What the progress of a part is of. */
  readonly progressOf: (part: string) => string;
  /** By all calls so far. */
  readonly consumed: () => Consumed;
}

export interface RelabelWorkOptions {
  /** Of all children, which share the limits of capacity units. */
  readonly processes: number;
  /** Ends reading, and waiting for units to read with. */
  readonly stop: AbortSignal;
  /** Ends writing, too. */
  readonly signal: AbortSignal;
}

/** What cannot be labelled is counted; no table keeps it. */
const tableConfig = (env: NodeJS.ProcessEnv): Config =>
  readConfig({ ...env, REJECTS_TABLE: env.DOCUMENTS_TABLE });

/**
 * The names of the parts of a table that a job relabels: segments of a scan, files of an export.
 *
 * @throws ConfigError, TransientError
 */
export const relabelPartNames = async (env: NodeJS.ProcessEnv): Promise<readonly string[]> => {
  const { DOCUMENTS_TABLE: table } = tableConfig(env);
  const { RELABEL_EXPORT, RELABEL_SEGMENTS } = readRelabelConfig(env);
  if (RELABEL_EXPORT === undefined) return segmentNames(RELABEL_SEGMENTS);
  const place = await exportPlace(RELABEL_EXPORT);
  return readExportManifest(openPlaces(env, [place.bucket]), place, table);
};

/**
 * Builds what relabels the parts of a table, from the settings of the function that labels the table.
 *
 * @throws ConfigError, ModelError, TransientError
 */
export const wireRelabel = async (
  env: NodeJS.ProcessEnv,
  { processes, stop, signal }: RelabelWorkOptions,
): Promise<RelabelWork> => {
  const config = tableConfig(env);
  const { RELABEL_WHERE: where, ...relabel } = readRelabelConfig(env);
  const models = await openJobModels(config);
  const [model, ...others] = models.resolve();
  if (model === undefined || others.length > 0)
    throw new ConfigError('the job relabel takes one model: name it in MODEL, name@version');
  checkAttributes(config, [model]);
  const isElsewhere = config.LABEL_STORE === 'labels-table';
  if (isElsewhere && where === 'stale')
    throw new ConfigError('RELABEL_WHERE: in a labels table no label is stale; use missing');
  // A model that cannot be loaded is no fault of an item.
  await models.load(model.id);

  const limitOf = (units: number | undefined) =>
    capacityLimit(units === undefined ? Number.POSITIVE_INFINITY : units / processes);
  const limits = {
    read: limitOf(relabel.RELABEL_READ_UNITS),
    write: limitOf(relabel.RELABEL_WRITE_UNITS),
  };
  const [reader, writer] = [new DynamoDBClient({ maxAttempts: 8 }), new DynamoDBClient({ maxAttempts: 8 })];
  const reads = meterClient(reader, limits, AbortSignal.any([stop, signal]));
  const writes = meterClient(writer, limits, signal);

  const settings = documentSettings(config);
  const { DOCUMENTS_TABLE: table, LABELS_TABLE } = config;
  const areLabelled = isElsewhere
    ? labelledRows(reader, must(LABELS_TABLE, 'LABELS_TABLE'), model)
    : undefined;
  const exported =
    relabel.RELABEL_EXPORT === undefined ? undefined : await exportPlace(relabel.RELABEL_EXPORT);
  await createFolderOf(relabel.RELABEL_PROGRESS);
  const kept = await parsePlace(relabel.RELABEL_PROGRESS);
  const store = openPlaces(env, [kept.bucket, ...(exported === undefined ? [] : [exported.bucket])]);
  const source =
    exported === undefined
      ? tableScan(reader, {
          ...{ table, segments: relabel.RELABEL_SEGMENTS, pageSize: PAGE },
          attributes: neededAttributes(settings, model),
        })
      : await exportSource(store, { place: exported, table, settings, pageSize: PAGE });
  return {
    source: { ...source, pages: (...of) => retriable(`reading ${table}`, source.pages(...of)) },
    parts: {
      ...{ models: onlyModel(models, model), settings, where, chunkSize: config.CHUNK_SIZE },
      labels: openLabels(writer, config),
      ...(areLabelled && {
        areLabelled: (documents) =>
          areLabelled(documents).catch((error: unknown) => {
            throw asTransient(`reading ${LABELS_TABLE}`, error);
          }),
      }),
    },
    progress: relabelProgress(store, kept),
    progressOf: (part) => [table, model.id, where, part].join(' '),
    consumed: () => {
      const [one, other] = [reads.consumed(), writes.consumed()];
      return { read: one.read + other.read, write: one.write + other.write };
    },
  };
};

const createFolderOf = async (place: string): Promise<void> => {
  if (!place.includes('://')) await createFolder(place);
};

/** Errors of the SDK as those that may pass. */
const asTransient = (doing: string, error: unknown): unknown =>
  [ConfigError, ObjectError, TransientError].some((kind) => error instanceof kind)
    ? error
    : transient(`${doing} failed: ${errorName(error)}`, error);

async function* retriable<Value>(doing: string, values: AsyncIterable<Value>): AsyncGenerator<Value> {
  try {
    yield* values;
  } catch (error) {
    throw asTransient(doing, error);
  }
}
