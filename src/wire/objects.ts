import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { objectRuns } from '../pipeline/objects/object-runs.ts';
import type { WorkMessagesParts } from '../pipeline/objects/work-messages.ts';
import { s3Objects } from '../stores/objects/s3.ts';
import { sqsMessages } from '../streams/sqs-messages.ts';
import { listModels, openModels, type WireOptions } from './models.ts';
import { readObjectsConfig } from './objects-config.ts';
import { runSettings } from './run-settings.ts';

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
  { onFault, onUse }: Pick<WireOptions, 'onFault' | 'onUse'> = {},
): Promise<WorkMessagesParts> => {
  const config = readObjectsConfig(env);
  return listModels(config, onFault).then((catalogue) => {
    const models = openModels(config, catalogue, {
      ...(onFault !== undefined && { onFault }),
      ...(onUse !== undefined && { onUse }),
    });
    const settings = runSettings(config);
    return {
      runs: objectRuns({ store: s3Objects(s3Client(env)), models, settings, now: Date.now }),
      queue: sqsMessages(new SQSClient({ maxAttempts: 8 }), { url: config.QUEUE_URL }),
      settings: { output: settings.output, maxShareBytes: config.MAX_OBJECT_MB * MB },
      deadlineMarginMs: config.DEADLINE_MARGIN_MS,
    };
  });
};

/** An endpoint of one's own may have no names of its own for buckets. */
const s3Client = (env: NodeJS.ProcessEnv): S3Client =>
  new S3Client({ maxAttempts: 8, forcePathStyle: Boolean(env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL) });
