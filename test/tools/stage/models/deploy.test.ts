import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Deployment, deployedModel } from '../../../../src/tools/stage/models/model-of-deployment.ts';
import type { FunctionVersion } from '../../../../src/tools/stage/live.ts';
import { chosen, isChosenByUser } from '../../../../src/tools/stage/chosen-model.ts';
import { useModel, type UseOptions } from '../../../../src/tools/stage/models/use.ts';
import { rollBack } from '../../../../src/tools/stage/models/rollback.ts';
import {
  deployStage,
  type DeployedStage,
  FUNCTION,
  NAME,
  SETTINGS,
} from '../../../support/deployed-stage.ts';

const TWO = `${NAME}@2`;

const version = (number: string, variables: Readonly<Record<string, string>>): FunctionVersion => ({
  version: number,
  model: variables.MODEL ?? '',
  variables,
  layers: [],
  description: '',
  codeSha256: '',
  architecture: 'arm64',
  arn: '',
});
const deployment = (
  variables: Readonly<Record<string, string>> | undefined,
  change: Partial<Deployment> = {},
) => {
  const main = variables && version('7', variables);
  return deployedModel({
    stage: 'dev',
    model: 'a',
    isExplicit: false,
    ids: ['a@1', 'a@2', 'b@1'],
    stageHas: main && { live: { main }, latest: main },
    ...change,
  });
};

describe('the model of a deployment', () => {
  it('is that of serverless.yml where the stage is new, or no user has chosen one', () => {
    expect(deployment(undefined)).toEqual({ variables: { MODEL: 'a' } });
    expect(deployment({ MODEL: 'b@1' })).toEqual({ variables: { MODEL: 'a' } });
  });

  it('is the one that a user has chosen for the stage, and the deployment says so', () => {
    const { variables, notice } = deployment(chosen({}, 'b@1', '6'));
    expect(variables).toEqual({ MODEL: 'b@1', MODEL_CHOSEN_BY: 'npm run model' });
    expect(notice).toMatch(
      /^Model b@1 stays in use.*serverless\.yml names a\. To have that: --param="model=a"\.$/,
    );
    // The next deployment keeps it, too.
    expect(deployment(variables).variables).toEqual(variables);
    expect(deployment(chosen({}, 'a@2', '6')).notice).toBeUndefined();
  });

  it('is that of the command where it names one, in an environment that no deployment before has had', () => {
    const given = deployment(chosen({}, 'b@1', '6'), { isExplicit: true });
    expect(given.variables).toEqual({ MODEL: 'a', MODEL_CHOSEN_BY: 'deployment, after version 7' });
    expect(given.notice).toMatch(/^Model a instead of b@1/);
    expect(deployment(given.variables)).toEqual({ variables: { MODEL: 'a' } });
  });

  it('is refused where the layer would not have it', () => {
    expect(() => deployment(undefined, { model: 'c@1' })).toThrow(
      /Model c@1, which serverless\.yml or --param names, was not found in models\/; available: a@1, a@2, b@1\. Nothing was/,
    );
    expect(() => deployment(chosen({}, 'c@1', '6'))).toThrow(/Model c@1, which stage dev uses by .*use c@1/);
    expect(deployment(chosen({}, 'c@1', '6'), { isExplicit: true }).variables.MODEL).toBe('a');
  });

  it('is refused while a canary runs, or where a change of models was interrupted', () => {
    const main = version('7', chosen({}, 'a@1', '6'));
    const other = version('8', chosen({}, 'b@1', '7'));
    const canary = { version: other, share: 0.1 };
    expect(() => deployment(undefined, { stageHas: { live: { main, canary }, latest: other } })).toThrow(
      /canary of b@1 is running.*`npm run model -- use b@1 --stage dev`.*rollback --stage dev`/,
    );
    expect(() => deployment(undefined, { stageHas: { live: { main }, latest: other } })).toThrow(
      /was interrupted/,
    );
  });

  it('is always in the layer, and the chosen one for as long as nobody names another', () => {
    const ids = fc.uniqueArray(fc.constantFrom('a@1', 'a@2', 'a@10', 'b@1', 'c@3'), { minLength: 1 });
    fc.assert(
      fc.property(
        ids,
        fc.constantFrom('a', 'a@1', 'b@1', 'c'),
        fc.constantFrom('a@1', 'b@1'),
        fc.boolean(),
        (held, model, chosenModel, isExplicit) => {
          let result;
          try {
            result = deployment(chosen({}, chosenModel, '6'), { ids: held, model, isExplicit });
          } catch (error) {
            expect(String(error)).toContain('not found in models/');
            return;
          }
          const { MODEL = '' } = result.variables;
          expect(held.some((id) => id === MODEL || id.startsWith(`${MODEL}@`))).toBe(true);
          expect(MODEL).toBe(isExplicit ? model : chosenModel);
          expect(isChosenByUser(result.variables)).toBe(!isExplicit);
        },
      ),
    );
  });
});

describe('serverless, after `npm run model -- use`', () => {
  let deployed: DeployedStage;
  const before = { ...process.env };

  beforeAll(async () => {
    deployed = await deployStage();
    await deployed.addModel('2');
    deployed.aws.addLayer(`Models: ${NAME}@1, ${TWO}`, Buffer.alloc(0));
  }, 60_000);
  beforeEach(() => {
    Object.assign(process.env, deployed.environment);
    deployed.aws.deploy({ ...SETTINGS, MODEL: NAME }, 'code');
  });
  afterEach(() => {
    process.env = { ...before };
  });
  afterAll(() => deployed.stop());

  const use = async (id: string, options: UseOptions = {}) => {
    const stage = await deployed.open();
    return useModel(stage, id, { verify: false, ...options }).finally(() => stage.close());
  };
  /** The framework writes errors to standard output. */
  const serverless = async (...args: string[]) => {
    const { status, stdout, stderr } = await deployed.service.serverless(args, deployed.environment);
    return { status, said: stderr + stdout };
  };
  const packaged = async (...args: string[]) => {
    const folder = join(deployed.service.root, 'out');
    const { status, said } = await serverless('package', '--package', folder, ...args);
    expect([status, said]).toEqual([0, expect.anything()]);
    const { Resources } = JSON.parse(
      await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'),
    );
    const { MODEL, MODEL_CHOSEN_BY } =
      Resources.ClassifyStreamLambdaFunction.Properties.Environment.Variables;
    const predict = Resources.PredictLambdaFunction?.Properties.Environment.Variables;
    const layer = Resources.ModelsLambdaLayer.Properties.Description;
    return { MODEL, MODEL_CHOSEN_BY, said, layer, predict };
  };

  it('packages the model in use, and that of the command where it names one', async () => {
    await use(`${NAME}@1`);
    const kept = await packaged('--param', 'aws=live', '--param', `model=${NAME}`);
    expect(kept).toMatchObject({
      MODEL: NAME,
      MODEL_CHOSEN_BY: expect.stringMatching(/^deployment, after version \d+$/),
    });
    expect(await packaged('--param', 'aws=live', '--param', 'http=public')).toMatchObject({
      MODEL: `${NAME}@1`,
      MODEL_CHOSEN_BY: 'npm run model',
      said: expect.stringContaining(`Model ${NAME}@1 stays in use`),
      layer: `Models: ${NAME}@1, ${TWO}`,
      // Requests are answered with the same model.
      predict: expect.objectContaining({ MODEL: `${NAME}@1`, MODEL_CHOSEN_BY: 'npm run model' }),
    });
    // Without an account nobody is asked.
    expect(await packaged()).toMatchObject({ MODEL: NAME, MODEL_CHOSEN_BY: undefined });
    const old = await serverless('deploy', '--package', 'out');
    expect(old.status).toBe(1);
    expect(old.said).toMatch(
      /package in out would change the stage's model, banking77-tfidf@1.*Nothing was changed/,
    );
  }, 60_000);

  it('refuses a deployment while a canary runs, and one without the model in use', async () => {
    await use(TWO, { canary: 0.1 });
    const running = await serverless('deploy');
    expect(running).toMatchObject({
      status: 1,
      said: expect.stringContaining(`A canary of ${TWO} is running`),
    });
    await use(TWO);
    await rm(join(deployed.service.root, 'models', NAME, '2'), { recursive: true });
    const missing = await serverless('deploy');
    await deployed.addModel('2');
    expect(missing.status).toBe(1);
    expect(missing.said).toMatch(
      /Model banking77-tfidf@2, which stage dev uses by .* was not found in models\//,
    );
  }, 60_000);

  it('refuses to roll a deployment back below a model that was chosen since', async () => {
    await use(TWO);
    const refused = await serverless('rollback', '--timestamp', '1');
    expect(refused.status).toBe(1);
    expect(refused.said).toMatch(
      /banking77-tfidf@2, was chosen after the last deployment\. Nothing was changed/,
    );
    const stage = await deployed.open();
    await rollBack(stage).finally(() => stage.close());
    expect((await serverless('rollback', '--timestamp', '1')).said).not.toContain('was chosen after');
  }, 60_000);

  it('invokes every reader of a stream by its alias, of which a deployment keeps one version', async () => {
    const folder = join(deployed.service.root, 'both');
    await serverless('package', '--package', folder, '--param', 'fanOut=function');
    const { Resources } = JSON.parse(
      await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'),
    );
    const ofType = (
      type: string,
    ): [string, { Properties: Record<string, unknown>; DeletionPolicy?: string }][] =>
      Object.entries<{ Type: string; Properties: Record<string, unknown> }>(Resources).filter(
        ([, { Type }]) => Type === `AWS::Lambda::${type}`,
      );
    const readers = ['ClassifyStreamLambdaFunction', 'FanOutLambdaFunction'];
    expect(ofType('EventSourceMapping').map(([, { Properties }]) => Properties.FunctionName)).toEqual(
      readers.map((reader) => ({ 'Fn::Join': [':', [{ 'Fn::GetAtt': [reader, 'Arn'] }, 'live']] })),
    );
    const versions = ofType('Version').toSorted(([one], [other]) => (one < other ? -1 : 1));
    expect(
      versions.map(([, { Properties, DeletionPolicy }]) => [Properties.FunctionName, DeletionPolicy]),
    ).toEqual(readers.map((reader) => [{ Ref: reader }, 'Delete']));
    expect(ofType('Alias').map(([, { Properties }]) => Properties)).toEqual(
      readers.map((reader, index) => ({
        FunctionName: { Ref: reader },
        FunctionVersion: { 'Fn::GetAtt': [versions[index]?.[0], 'Version'] },
        Name: 'live',
      })),
    );
    expect(FUNCTION).toBe(Resources.ClassifyStreamLambdaFunction.Properties.FunctionName);
  }, 60_000);
});
