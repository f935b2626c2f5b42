import type { PredictParts } from '../http/predict-api.ts';
import { type PredictConfig, readPredictConfig } from './config.ts';
import { listModels, openModels, type WireOptions } from './models.ts';

/**
 * Builds the adapters of the prediction API from the environment, once, at module load, and begins to load the default
 * models. They have a file of their own, so that its bundle contains no AWS SDK.
 *
 * @returns a promise that rejects with ModelError where the default models cannot be used
 * @throws ConfigError synchronously where the environment is at fault
 */
export const wirePredict = (
  env: NodeJS.ProcessEnv = process.env,
  { load, objects, ...reports }: WireOptions = {},
): Promise<PredictParts> => {
  const config = readPredictConfig(env);
  return listModels(config, reports.onFault, objects).then((catalogue) => {
    // Each request ranks the labels in its own way.
    const models = openModels(config, catalogue, { keepScores: true, ...load, ...reports });
    return {
      models,
      catalogue: models.catalogue,
      ...(models.discover !== undefined && { discover: models.discover }),
      limits: limitsOf(config),
      keySha256: config.HTTP_KEY_SHA256,
      corsOrigins: config.CORS_ORIGINS,
      page: config.HTTP_PAGE === 'on',
    };
  });
};

const limitsOf = (config: PredictConfig): PredictParts['limits'] => ({
  texts: config.MAX_TEXTS,
  characters: config.MAX_TEXT_CHARACTERS,
  bytes: config.MAX_BODY_BYTES,
});
