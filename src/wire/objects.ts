import { SQSClient } from '@aws-sdk/client-sqs';
import { objectRuns } from '../pipeline/objects/object-runs.ts';
import type { WorkMessagesParts } from '../pipeline/objects/work-messages.ts';
import type { VerifyParts } from '../pipeline/verify-request.ts';
import { sqsMessages } from '../streams/sqs-messages.ts';
import { listModels, openModels, type WireOptions } from './models.ts';
import { readObjectsConfig } from './objects-config.ts';
import { runSettings } from './run-settings.ts';
import { openS3Objects } from './s3-objects.ts';

const MB = 2 ** 20;

/**
 * Builds the adapters of the door for objects from the environment, once, at module load, and begins to load the default
 * models.
 *
 * @returns a promise that rejects with ModelError where the default models cannot be used
 * @throws ConfigError synchronously where the environment is at fault
 */
export const wireObjects = (
  env: NodeJS.ProcessEnv = process.env,
  reports: Pick<WireOptions, 'onFault' | 'onUse'> = {},
): Promise<WorkMessagesParts & { readonly verifying: VerifyParts }> => {
  const config = readObjectsConfig(env);
  const store = openS3Objects(env);
  return listModels(config, reports.onFault, store).then((catalogue) => {
    const models = openModels(config, catalogue, reports);
    const settings = runSettings(config);
    return {
      runs: objectRuns({ store, models, settings, now: Date.now }),
      queue: sqsMessages(new SQSClient({ maxAttempts: 8 }), { url: config.QUEUE_URL }),
      settings: { output: settings.output, maxShareBytes: config.MAX_OBJECT_MB * MB },
      deadlineMarginMs: config.DEADLINE_MARGIN_MS,
      verifying: { models, settings },
    };
  });
};
