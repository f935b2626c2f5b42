import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type Config, readConfig } from '../../wire/config.ts';
import { LOCAL_CREDENTIALS } from '../emulators/aws/aws-clients.ts';
import { openLiveStage } from '../ingest/stage/live-settings.ts';
import { openStage } from '../stage/stage.ts';
import { requirePublished } from '../stage/models/layer-with.ts';
import { openStageModels } from '../stage/models/stage-models.ts';
import type { LabelStoreName } from '../../stores/label-stores.ts';
import { UserError } from '../user-error.ts';

/** The table to relabel, and the settings by which its items are read. */
export interface RelabelTarget {
  /** `DOCUMENTS_TABLE` is the table, `MODEL` the model to relabel with. */
  readonly config: Config;
  /** Reads and writes the table; all of its calls are metered. */
  readonly dynamodb: DynamoDBClient;
  readonly region: string;
  /** Where that is, for a person to check before anything is written. */
  readonly place: string;
  /** The default models of the function that labels new texts; undefined without one. */
  readonly live: readonly string[] | undefined;
  close(): void | Promise<void>;
}

export interface TargetOptions {
  /** The folder of `serverless.yml`. */
  readonly root: string;
  /** `name@version` */
  readonly model: string;
  readonly stage?: string | undefined;
  readonly table?: string | undefined;
  readonly store?: LabelStoreName | undefined;
  readonly region?: string | undefined;
}

/**
 * Opens the table of a deployed stage, with the settings of its function, or any table, with those of the environment.
 *
 * @throws UserError where the stage is not deployed, or does not have the model
 */
export const openTarget = (
  options: TargetOptions & ({ stage: string } | { table: string }),
): Promise<RelabelTarget> =>
  options.stage === undefined ? openTable(options) : ofStage(options, options.stage);

const ofStage = async (
  { root, model, region, store }: TargetOptions,
  stage: string,
): Promise<RelabelTarget> => {
  if (store !== undefined)
    throw new UserError('--store does not go with --stage: the stage decides, by the parameter labelStore.');
  const live = await openLiveStage({ root, stage, region });
  try {
    const { MODEL } = live.config;
    if (!MODEL.includes(model) && !MODEL.includes(nameOf(model))) {
      const models = await openStageModels({ root, stage, region });
      await requirePublished(models, model).finally(() => models.close());
    }
    const { dynamodb, place, close } = live;
    return {
      config: { ...live.config, MODEL: [model] },
      dynamodb,
      region: live.region,
      place,
      live: MODEL,
      close,
    };
  } catch (error) {
    live.close();
    throw error;
  }
};

const nameOf = (id: string): string => id.slice(0, id.indexOf('@'));

const openTable = async ({ root, model, table, store, region }: TargetOptions): Promise<RelabelTarget> => {
  const { AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL } = process.env;
  const endpoint = AWS_ENDPOINT_URL_DYNAMODB || AWS_ENDPOINT_URL;
  const config = readConfig({
    LABELS_TABLE: table && `${table}-labels`,
    ...process.env,
    ...(store !== undefined && { LABEL_STORE: store }),
    DOCUMENTS_TABLE: table,
    // Rejects are reported; no table keeps them.
    REJECTS_TABLE: table,
    MODEL: model,
    MODELS_DIR: join(root, 'models'),
  });
  const stage = await openStage({ root, stage: 'none', region });
  const dynamodb = stage.client(
    (settings) => new DynamoDBClient({ ...settings, retryMode: 'adaptive', ...emulated(endpoint) }),
  );
  const where = endpoint === undefined ? stage.region : endpoint;
  return {
    config,
    dynamodb,
    region: stage.region,
    place: `${where}, table ${table}`,
    live: undefined,
    close: stage.close,
  };
};

/** Client options for an emulated DynamoDB. */
export const emulated = (endpoint: string | undefined): object => {
  if (endpoint === undefined) return {};
  const { AWS_ACCESS_KEY_ID, AWS_PROFILE } = process.env;
  return {
    endpoint,
    ...(AWS_ACCESS_KEY_ID === undefined && AWS_PROFILE === undefined && { credentials: LOCAL_CREDENTIALS }),
    requestHandler: new NodeHttpHandler(),
  };
};
