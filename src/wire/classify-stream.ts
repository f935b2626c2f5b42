import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { must } from '../errors.ts';
import { checkAttributes } from './attribute-clashes.ts';
import { type Config, readConfig } from './config.ts';
import { inFlightFile } from '../stores/in-flight-file.ts';
import { directoryModels } from '../models/sources/directory.ts';
import { type ModelFault, type ModelFolder, toModel } from '../models/folder/model-folder.ts';
import { type ModelRegistry, modelRegistry } from '../models/catalogue/registry.ts';
import { loadModel } from '../models/formats/formats.ts';
import { MAX_RECORDS } from '../pipeline/records/aggregate.ts';
import { patientLabels, patientRejects } from '../stores/patient.ts';
import type { LabelBatchParts } from '../pipeline/label-batch.ts';
import type { LabelStore } from '../pipeline/destinations.ts';
import type { LabelStoreName } from '../stores/label-stores.ts';
import { labelsTable } from '../stores/labels-table.ts';
import { partiqlLabels } from '../stores/partiql.ts';
import { rejectsTable } from '../stores/rejects-table.ts';
import type { Task } from '../tasks/task.ts';
import { textClassification } from '../tasks/text-classification.ts';
import { updateItemLabels } from '../stores/update-item.ts';

/**
 * What a Lambda function has per vCPU, in MB.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
export const MB_PER_VCPU = 1_769;

/** Memory of the function without its models, measured: Node.js, ONNX Runtime, the SDK, a batch of 1,000, a load. */
export const BASE_MB = 170;

/** The part of a function's memory that is left for models, in MB; with a minimum, so that two can be in use. */
const memoryForModels = (functionMB: number): number => Math.max(16, functionMB - BASE_MB);

/** How many records a batch may hold within KPL aggregates: each takes some kilobytes if it is rejected. */
const userRecords = (functionMB: number): number => Math.max(MAX_RECORDS, functionMB * 50);

/** The task of the function's models. */
const TASK: Task = textClassification;

export interface WireOptions {
  /** Receives every model folder that cannot be used; the others can. */
  readonly onFault?: (fault: ModelFault) => void;
}

/**
 * The bytes that a batch may unpack to: a twentieth of the memory, because records in memory take about ten times their
 * bytes. The 6 MB that Lambda delivers fit in any case.
 */
const decodedBytes = (functionMB: number): number => Math.max(8, functionMB / 20) * 2 ** 20;

/**
 * Builds every adapter from the environment, once, at module load, and begins to load the default models.
 *
 * The bundle is CommonJS and cannot await at its top level. It need not: Lambda's runtime treats a rejection before the
 * first invocation as an init failure, like an exception.
 *
 * @returns a promise that rejects with ConfigError or ModelError
 * @throws ConfigError synchronously where the environment is at fault
 */
export const wire = (
  env: NodeJS.ProcessEnv = process.env,
  { onFault }: WireOptions = {},
): Promise<LabelBatchParts> => {
  const config = readConfig(env);
  const source = directoryModels(config.MODELS_DIR);
  return source.list().then(({ models, faults }) => {
    for (const fault of faults) onFault?.(fault);
    checkAttributes(config, models.map(toModel));
    const registry = registryOf(config, models, faults);
    // A failed preload is reported by the first batch, which loads again.
    registry.preload().catch(() => undefined);
    return { ...partsOf(config, registry), ...inFlightOf(env) };
  });
};

const registryOf = (
  config: Config,
  models: readonly ModelFolder[],
  faults: readonly ModelFault[],
): ModelRegistry => {
  const threads = Math.max(1, Math.round(config.AWS_LAMBDA_FUNCTION_MEMORY_SIZE / MB_PER_VCPU));
  return modelRegistry(models, {
    faults,
    defaultModels: config.MODEL,
    unknownModel: config.UNKNOWN_MODEL,
    memoryMB: config.MODEL_MEMORY_MB ?? memoryForModels(config.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
    load: loadModel({ threads }),
  });
};

/** Outside Lambda, several functions may share a process and its folder for temporary files. */
const inFlightOf = (env: NodeJS.ProcessEnv): Pick<LabelBatchParts, 'inFlight'> =>
  env.AWS_LAMBDA_RUNTIME_API === undefined ? {} : { inFlight: inFlightFile() };

const partsOf = (config: Config, models: ModelRegistry): LabelBatchParts => {
  const dynamodb = new DynamoDBClient({ maxAttempts: 8 });
  return {
    models,
    labels: patientLabels(labelStores[config.LABEL_STORE](dynamodb, config)),
    rejects: patientRejects(
      rejectsTable(dynamodb, { table: config.REJECTS_TABLE, ttlDays: config.REJECT_TTL_DAYS }),
    ),
    settings: {
      task: TASK,
      table: config.DOCUMENTS_TABLE,
      keyAttributes: config.KEY_ATTRIBUTES,
      textAttributes: config.TEXT_ATTRIBUTES,
      textPairAttribute: config.TEXT_PAIR_ATTRIBUTE,
      modelAttribute: config.MODEL_ATTRIBUTE,
      labelsElsewhere: config.LABEL_STORE === 'labels-table',
      maxTextCharacters: config.MAX_TEXT_CHARACTERS,
      maxRecords: userRecords(config.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
      maxDecodedBytes: decodedBytes(config.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
      chunkSize: config.CHUNK_SIZE,
      deadlineMarginMs: config.DEADLINE_MARGIN_MS,
    },
  };
};

const labelStores: Record<LabelStoreName, (client: DynamoDBClient, config: Config) => LabelStore> = {
  partiql: (client, { DOCUMENTS_TABLE: table }) => partiqlLabels(client, { table, task: TASK }),
  'update-item': (client, { DOCUMENTS_TABLE: table, WRITE_CONCURRENCY: concurrency }) =>
    updateItemLabels(client, { table, task: TASK, concurrency }),
  'labels-table': (client, { LABELS_TABLE: table, LABEL_TTL_DAYS: ttlDays }) =>
    labelsTable(client, { table: must(table, 'LABELS_TABLE'), task: TASK, ttlDays }),
};
