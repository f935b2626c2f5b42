import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ConfigError, must } from '../errors.ts';
import { onlyModel } from '../pipeline/relabel/only-model.ts';
import type { RelabelParts } from '../pipeline/relabel/relabel-items.ts';
import { labelledRows } from '../stores/labelled-rows.ts';
import type { Models } from '../tasks/model.ts';
import { checkAttributes } from './attribute-clashes.ts';
import { readConfig } from './config.ts';
import { documentSettings, openLabels } from './labels.ts';

/**
 * Builds what relabels the items of an export, from the settings of the function that labels the table.
 *
 * @param models those of the job; its default model is the one to relabel with
 * @throws ConfigError
 */
export const wireRelabel = (
  env: NodeJS.ProcessEnv,
  models: Models,
): Omit<RelabelParts, 'where' | 'meter'> => {
  // What cannot be labelled is counted; no table keeps it.
  const config = readConfig({ ...env, REJECTS_TABLE: env.DOCUMENTS_TABLE });
  const [model, ...others] = models.resolve();
  if (model === undefined || others.length > 0)
    throw new ConfigError('the job relabel takes one model: name it in MODEL, name@version');
  checkAttributes(config, [model]);
  const dynamodb = new DynamoDBClient({ maxAttempts: 8 });
  return {
    models: onlyModel(models, model),
    labels: openLabels(dynamodb, config),
    ...(config.LABEL_STORE === 'labels-table' && {
      areLabelled: labelledRows(dynamodb, must(config.LABELS_TABLE, 'LABELS_TABLE'), model),
    }),
    settings: documentSettings(config),
    chunkSize: config.CHUNK_SIZE,
  };
};
