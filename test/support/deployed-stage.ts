import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openStageModels, type StageModels } from '../../src/tools/stage/models/stage-models.ts';
import { buildBundle } from '../../src/tools/build/bundle.ts';
import { buildLayers } from '../../src/tools/build/layers.ts';
import { tryModels } from '../../src/tools/build/try-models.ts';
import { zipFolder } from '../../src/tools/build/zip.ts';
import { type FakeLambda, startFakeLambda } from './fake-lambda.ts';
import { copyService, type ServiceCopy } from './service-copy.ts';

/** The name that serverless.yml has; what bears it is an example model, of a hundredth of the size. */
export const NAME = 'banking77-tfidf';
const EXAMPLE = join(__dirname, '..', '..', 'examples/scikit-learn/models/cards/1');
/** What the function's environment has besides the model. */
export const SETTINGS = { DOCUMENTS_TABLE: 'documents', REJECTS_TABLE: 'rejects' };
export const FUNCTION = 'labelstream-dev-classify-stream';

/** A project of one's own, deployed to an emulated Lambda that runs what is uploaded. */
export interface DeployedStage {
  readonly service: ServiceCopy;
  readonly aws: FakeLambda;
  /** Adds a version of the model whose label `card` bears its number: `card_2`. */
  addModel(version: string): Promise<string>;
  /** The stage as it is now. */
  open(): Promise<StageModels>;
  /** Works on the stage as it is now. */
  on<Result>(work: (stage: StageModels) => Promise<Result>): Promise<Result>;
  /** The environment of commands that should reach it. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** A service with model 1 that has been built and tried, for all stages of a test file. */
const buildService = async () => {
  const service = await copyService();
  const { root } = service;
  const folder = join(root, 'models', NAME, '1');
  await cp(EXAMPLE, folder, { recursive: true });
  const manifest = JSON.parse(await readFile(join(EXAMPLE, 'model.json'), 'utf8'));
  await writeFile(join(folder, 'model.json'), JSON.stringify({ ...manifest, name: NAME }, null, 2));
  await buildBundle(root, join(root, '.build', 'function'));
  const deployed = await buildLayers({ root, architecture: 'arm64' });
  await tryModels(deployed, root);
  const { models } = await buildLayers({ root, architecture: 'host' });
  return { service, layer: await zipFolder(models) };
};

let built: ReturnType<typeof buildService> | undefined;
afterAll(async () => (await built)?.service.remove());

/** Deploys the project with model 1, as the layer's version 1 and the function's version 1. */
export const deployStage = async (): Promise<DeployedStage> => {
  built ??= buildService();
  const { service: original, layer } = await built;
  const service = await copyService({ of: original.root });
  const { root } = service;
  // Neither builds anything.
  const bundle = await buildBundle(root, join(root, '.build', 'function'));
  const { runtime } = await buildLayers({ root, architecture: 'host' });
  const aws = await startFakeLambda({
    functionName: FUNCTION,
    layerName: 'labelstream-dev-models',
    taskRoot: bundle.folder,
    handler: bundle.handler,
    runtime,
  });
  aws.addLayer(`Models: ${NAME}@1`, layer);
  aws.deploy({ ...SETTINGS, MODEL: NAME }, 'code-1');
  const environment = {
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const open = () => openStageModels({ root, stage: 'dev' });
  return {
    service,
    aws,
    environment,
    addModel: async (version) => {
      const [from, to] = ['1', version].map((one) => join(root, 'models', NAME, one)) as [string, string];
      await cp(from, to, { recursive: true });
      for (const file of ['model.json', 'examples.json']) {
        const text = await readFile(join(to, file), 'utf8');
        const named = text.replaceAll('"card"', `"card_${version}"`);
        await writeFile(join(to, file), named.replace('"version": "1"', `"version": "${version}"`));
      }
      return `${NAME}@${version}`;
    },
    open,
    on: async (work) => {
      const stage = await open();
      return work(stage).finally(() => stage.close());
    },
    stop: async () => {
      await aws.close();
      await service.remove();
    },
  };
};
