import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Config, readConfig } from './config.ts';
import { directoryModels } from './models/directory-source.ts';
import { modelRegistry } from './models/registry.ts';
import { loadSklearn } from './models/sklearn.ts';
import type { LabelBatchParts } from './pipeline/label-batch.ts';
import type { LabelStore } from './pipeline/store.ts';
import { labelsTable } from './stores/labels-table.ts';
import { partiqlLabels } from './stores/partiql.ts';
import { rejectsTable } from './stores/rejects-table.ts';
import { updateItemLabels } from './stores/update-item.ts';

/** A Lambda function has one vCPU per 1,769 MB. */
const MB_PER_VCPU = 1_769;

/**
 * Builds every adapter from the environment, once, at module load, and begins to load the default model.
 *
 * @throws ConfigError or ModelError, which fail the function's init
 */
export const wire = (env: NodeJS.ProcessEnv = process.env): LabelBatchParts => {
  const config = readConfig(env);
  const threads = Math.max(1, Math.round(config.AWS_LAMBDA_FUNCTION_MEMORY_SIZE / MB_PER_VCPU));
  const models = modelRegistry(directoryModels(config.MODELS_DIR), {
    defaultModel: config.MODEL,
    loaders: { sklearn: (folder) => loadSklearn(folder, { threads }) },
  });
  // A failure is told by the first batch, which tries again.
  models.load(models.resolve().id).catch(() => undefined);
  const dynamodb = new DynamoDBClient({ maxAttempts: 8 });
  return {
    models,
    labels: labelStores[config.LABEL_STORE](dynamodb, config),
    rejects: rejectsTable(dynamodb, { table: config.REJECTS_TABLE, ttlDays: config.REJECT_TTL_DAYS }),
    settings: {
      table: config.DOCUMENTS_TABLE,
      keyAttributes: config.KEY_ATTRIBUTES,
      textAttributes: config.TEXT_ATTRIBUTES,
      modelAttribute: config.MODEL_ATTRIBUTE,
      maxTextCharacters: config.MAX_TEXT_CHARACTERS,
      chunkSize: config.CHUNK_SIZE,
      deadlineMarginMs: config.DEADLINE_MARGIN_MS,
    },
  };
};

const labelStores: Record<Config['LABEL_STORE'], (client: DynamoDBClient, config: Config) => LabelStore> = {
  partiql: (client, { DOCUMENTS_TABLE: table }) => partiqlLabels(client, { table }),
  'update-item': (client, { DOCUMENTS_TABLE: table, WRITE_CONCURRENCY: concurrency }) =>
    updateItemLabels(client, { table, concurrency }),
  'labels-table': (client, { LABELS_TABLE: table = '', LABEL_TTL_DAYS: ttlDays }) =>
    labelsTable(client, { table, ttlDays }),
};
