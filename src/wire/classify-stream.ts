import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { checkAttributes } from './attribute-clashes.ts';
import { type Config, readConfig } from './config.ts';
import { openForwarding } from './forward.ts';
import { inFlightFile } from '../stores/in-flight-file.ts';
import { documentSettings, openLabels } from './labels.ts';
import { toModel } from '../models/folder/model-folder.ts';
import type { ModelRegistry } from '../models/catalogue/registry.ts';
import { listModels, openModels, type WireOptions } from './models.ts';
import { MAX_RECORDS } from '../pipeline/records/aggregate.ts';
import { patientRejects } from '../stores/patient.ts';
import type { LabelBatchParts } from '../pipeline/label-batch.ts';
import { rejectsTable } from '../stores/rejects-table.ts';
import type { Model } from '../tasks/model.ts';

/** How many records a batch may hold within KPL aggregates: each takes some kilobytes if it is rejected. */
const userRecords = (functionMB: number): number => Math.max(MAX_RECORDS, functionMB * 50);

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
  { objects, ...reports }: WireOptions = {},
): Promise<LabelBatchParts> => {
  const config = readConfig(env);
  const accept = (models: readonly Model[]): void => checkAttributes(config, models);
  const dynamodb = new DynamoDBClient({ maxAttempts: 8 });
  const { requestHandler } = dynamodb.config;
  return listModels(config, reports.onFault, objects).then(async (catalogue) => {
    accept(catalogue.models.map(toModel));
    const registry = openModels(config, catalogue, { ...reports, accept });
    const forwarding = await openForwarding(config, { maxAttempts: 8, requestHandler });
    return { ...partsOf(config, registry, dynamodb), forwarding, ...inFlightOf(env) };
  });
};

/** Outside Lambda, several functions may share a process and its folder for temporary files. */
const inFlightOf = (env: NodeJS.ProcessEnv): Pick<LabelBatchParts, 'inFlight'> =>
  env.AWS_LAMBDA_RUNTIME_API === undefined ? {} : { inFlight: inFlightFile() };

const partsOf = (config: Config, models: ModelRegistry, dynamodb: DynamoDBClient): LabelBatchParts => {
  return {
    models,
    labels: openLabels(dynamodb, config),
    rejects: patientRejects(
      rejectsTable(dynamodb, { table: config.REJECTS_TABLE, ttlDays: config.REJECT_TTL_DAYS }),
    ),
    settings: {
      ...documentSettings(config),
      maxRecords: userRecords(config.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
      maxDecodedBytes: decodedBytes(config.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
      chunkSize: config.CHUNK_SIZE,
      deadlineMarginMs: config.DEADLINE_MARGIN_MS,
    },
  };
};
