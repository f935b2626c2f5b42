import { S3Client } from '@aws-sdk/client-s3';
import { ConfigError, ModelError, TransientError } from '../../../../errors.ts';
import { isInS3, type ModelsLocation, modelsLocation, urlOf } from '../../../../models/sources/s3/layout.ts';
import { type PublishedModels, publishedModels } from '../../../../models/sources/s3/published.ts';
import { ObjectError, type ObjectStore } from '../../../../pipeline/objects/object-store.ts';
import { s3Objects } from '../../../../stores/objects/s3.ts';
import { UserError } from '../../../user-error.ts';
import type { Stage } from '../../stage.ts';

/** Models in S3, for a person who publishes them. */
export interface ModelsInS3 {
  readonly store: ObjectStore;
  readonly location: ModelsLocation;
  readonly published: PublishedModels;
  /** `s3://bucket/prefix/` */
  readonly url: string;
}

/**
 * @param modelsDir `MODELS_DIR` of a stage, or what a person wrote
 * @throws UserError where that is not in S3
 */
export const openModelsInS3 = (stage: Pick<Stage, 'client'>, modelsDir: string): ModelsInS3 => {
  if (!isInS3(modelsDir)) {
    throw new UserError(
      `The models are in ${modelsDir || 'a layer'}, not in S3. Nothing was changed: deploy with --param="models=s3", or ` +
        'name the place with --models s3://BUCKET/PREFIX.',
    );
  }
  const forcePathStyle = Boolean(process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL);
  const client = stage.client((settings) => new S3Client({ ...settings, forcePathStyle }));
  return modelsInS3(s3Objects(client), modelsDir);
};

/** @throws UserError where the place is none */
export const modelsInS3 = (store: ObjectStore, url: string): ModelsInS3 => {
  try {
    const location = modelsLocation(url);
    return { store, location, published: publishedModels(store, location), url: urlOf(location) };
  } catch (cause) {
    throw forUser(cause);
  }
};

/** What a person can correct: a model, its place, a permission. */
export const forUser = (cause: unknown): unknown => {
  const isForUser = [ConfigError, ModelError, ObjectError, TransientError].some(
    (kind) => cause instanceof kind,
  );
  if (!isForUser || !(cause instanceof Error)) return cause;
  return new UserError(`${cause.message.replace(/\.$/, '')}.`, { cause });
};
