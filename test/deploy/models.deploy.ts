import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  GetLayerVersionCommand,
  ListLayerVersionsCommand,
} from '@aws-sdk/client-lambda';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { publishModel } from '../../src/tools/stage/models/publish.ts';
import { openStageModels } from '../../src/tools/stage/models/stage-models.ts';
import { emulatedAccount, emulatedAws } from './emulated-aws.ts';
import { copyService, type ServiceCopy } from '../support/service-copy.ts';

/** A stage of its own, beside those of other suites. */
const STAGE = 'models';
const FUNCTION = `labelstream-${STAGE}-classify-stream`;
const NAME = 'banking77-tfidf';
const [ONE, TWO] = [`${NAME}@1`, `${NAME}@2`];

const aws = emulatedAws();
let service: ServiceCopy;

const serverless = async (...args: string[]): Promise<string> => {
  const { status, stdout, stderr } = await service.spawnServerless(
    [...args, '--stage', STAGE],
    emulatedAccount(),
  );
  if (status !== 0) throw new Error(stdout + stderr);
  return stdout + stderr;
};

/** `npm run model`, of the copy; the emulated Lambda runs no function, so nothing can be verified. */
const model = (...args: string[]) =>
  new Promise<{ status: unknown; said: string }>((resolve) => {
    execFile(
      process.execPath,
      [join(service.root, 'src/tools/commands/model.ts'), ...args, '--stage', STAGE],
      { env: { PATH: process.env.PATH, ...emulatedAccount() } },
      (error, stdout, stderr) => resolve({ status: error === null ? 0 : error.code, said: stdout + stderr }),
    );
  });

const alias = async () => {
  const found = await aws.lambda.send(new GetAliasCommand({ FunctionName: FUNCTION, Name: 'live' }));
  return { version: found.FunctionVersion, weights: found.RoutingConfig?.AdditionalVersionWeights ?? {} };
};
/** What the alias leads to. */
const live = async () => {
  const found = await aws.lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: FUNCTION, Qualifier: (await alias()).version }),
  );
  const layers = (found.Layers ?? []).map(({ Arn = '' }) => Arn.split(':').slice(6).join(':'));
  return {
    model: found.Environment?.Variables?.MODEL,
    by: found.Environment?.Variables?.MODEL_CHOSEN_BY,
    layers,
  };
};

const addModel = async (version: string): Promise<void> => {
  const [from, to] = ['1', version].map((one) => join(service.root, 'models', NAME, one)) as [string, string];
  await cp(from, to, { recursive: true });
  const manifest = join(to, 'model.json');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace('"version": "1"', `"version": "${version}"`));
};

beforeAll(async () => {
  service = await copyService({ models: ['banking77-tfidf'] });
});
afterAll(async () => {
  // Other suites look at all that this emulated AWS has.
  await serverless('remove');
  await service.remove();
  for (const client of [aws.cloudFormation, aws.lambda, aws.s3]) client.destroy();
});

describe('models of a deployed stage', () => {
  it('says so where the stage is not deployed', async () => {
    expect(await model('list')).toEqual({
      status: 2,
      said: expect.stringContaining(`Stage ${STAGE} is not deployed in us-east-1`),
    });
  });

  it('lists the model of the deployment, to which there is nothing before', async () => {
    await serverless('deploy');
    const { said } = await model('list');
    expect(said).toMatch(/banking77-tfidf@1 +│ yes +│ 1 +│ 100 %, version 1/);
    expect(await model('rollback')).toMatchObject({
      status: 2,
      said: expect.stringContaining('Nothing to roll back to'),
    });
  });

  it('publishes a model as a version of the layer alone, and refuses one that was not published', async () => {
    await addModel('2');
    expect(await model('use', TWO)).toMatchObject({
      status: 2,
      said: expect.stringContaining('not found in any version'),
    });
    const published = await model('publish', TWO);
    expect(published).toMatchObject({ status: 0, said: expect.stringContaining(`it holds ${ONE}, ${TWO}`) });
    const { LayerVersions = [] } = await aws.lambda.send(
      new ListLayerVersionsCommand({ LayerName: `labelstream-${STAGE}-models` }),
    );
    expect(LayerVersions.map(({ Description }) => Description).toSorted()).toEqual([
      `Models: ${ONE}`,
      `Published models: ${ONE}, ${TWO}`,
    ]);
    expect(await live()).toMatchObject({ model: NAME, by: undefined });
  });

  it('uses it by and by', async () => {
    const { said } = await model('use', TWO, '--canary', '10', '--no-verify');
    expect(said).toContain(`version 2 with ${TWO} gets 10 %, version 1 the rest`);
    expect(await alias()).toEqual({ version: '1', weights: { 2: 0.1 } });
    expect((await model('use', TWO)).said).toContain(`version 2 with ${TWO} is in use, after version 1`);
    expect(await alias()).toEqual({ version: '2', weights: {} });
    expect(await live()).toMatchObject({
      model: TWO,
      layers: expect.arrayContaining([`labelstream-${STAGE}-models:2`]),
    });
  });

  it('has a deployment keep the model in use, and change it where the command says so', async () => {
    await model('use', ONE, '--no-verify');
    expect(await serverless('deploy')).toContain(`Model ${ONE} stays in use`);
    expect(await live()).toMatchObject({ model: ONE, by: 'npm run model' });
    await serverless('deploy', '--param', `model=${TWO}`);
    expect(await live()).toMatchObject({
      model: TWO,
      by: expect.stringMatching(/^deployment, after version \d+$/),
    });
    await serverless('deploy');
    expect(await live()).toMatchObject({ model: NAME, by: undefined });
  });

  // Last: moto gives the number of a version that was deleted to the next one.
  it('takes back what was used since the deployment', async () => {
    const { version } = await alias();
    await model('use', ONE, '--no-verify');
    expect(await live()).toMatchObject({ model: ONE, by: `npm run model, after version ${version}` });
    expect((await model('rollback')).said).toContain(`version ${version} with ${NAME} is in use again`);
    expect(await alias()).toEqual({ version, weights: {} });
    expect((await model('rollback')).said).toContain('Nothing to roll back to');
  });

  it('puts a layer through the deployment bucket that is too large for the call', async () => {
    const before = { ...process.env };
    Object.assign(process.env, emulatedAccount());
    await addModel('3');
    const stage = await openStageModels({ root: service.root, stage: STAGE });
    const { version, bytes } = await publishModel(stage, `${NAME}@3`, { maxDirectBytes: 1_000 }).finally(
      () => {
        stage.close();
        process.env = before;
      },
    );
    const { Content } = await aws.lambda.send(
      new GetLayerVersionCommand({ LayerName: `labelstream-${STAGE}-models`, VersionNumber: version }),
    );
    expect(Content?.CodeSize).toBe(bytes);
    // Nothing of it stays in the bucket.
    const { ServerlessDeploymentBucketName: Bucket } = await aws.outputs(`labelstream-${STAGE}`);
    const { Contents = [] } = await aws.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'models/' }));
    expect(Contents).toEqual([]);
  });
});
