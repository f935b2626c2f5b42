import { cp, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listModels } from '../../../../src/tools/stage/models/list.ts';
import { publishModel } from '../../../../src/tools/stage/models/publish.ts';
import { rollBack } from '../../../../src/tools/stage/models/rollback.ts';
import { useModel, type UseOptions } from '../../../../src/tools/stage/models/use.ts';
import { verifyStage } from '../../../../src/tools/stage/models/check-examples.ts';
import { deployStage, type DeployedStage, NAME } from '../../../support/deployed-stage.ts';
import { FIXTURES } from '../../../support/transformers.ts';
import { unzip } from '../../../support/unzip.ts';

const [ONE, TWO] = [`${NAME}@1`, `${NAME}@2`];

let deployed: DeployedStage;
const before = { ...process.env };

beforeEach(async () => {
  deployed = await deployStage();
  Object.assign(process.env, deployed.environment);
}, 60_000);
afterEach(async () => {
  process.env = { ...before };
  await deployed.stop();
});

const on: DeployedStage['on'] = (work) => deployed.on(work);
const use = (id: string, options: UseOptions = {}) => on((stage) => useModel(stage, id, options));
const publish = (id: string) => on((stage) => publishModel(stage, id));
const rollback = () => on(rollBack);
const list = async () => Object.fromEntries((await on(listModels)).map(({ id, ...where }) => [id, where]));
/** What the deployed versions say, by version: model, share and how many examples are wrong. */
const verified = async () =>
  Object.fromEntries(
    (await on(verifyStage)).map(({ version, id, share, mismatches }) => [
      version,
      [id, share, mismatches.length],
    ]),
  );

describe('the life of a model', () => {
  it('goes from publishing over a canary to use and back, and leaves code and tables alone', async () => {
    const { aws } = deployed;
    await deployed.addModel('2');
    expect(await verified()).toEqual({ 1: [ONE, 1, 0] });
    expect(await publish(TWO)).toMatchObject({ version: 2, isNew: true, ids: [ONE, TWO], examples: 8 });
    expect(aws.changes).toEqual(['PublishLayerVersion']);
    expect(await publish(TWO)).toMatchObject({ version: 2, isNew: false });
    expect(await list()).toEqual({
      [ONE]: {
        isLocal: true,
        layers: [2, 1],
        isReachable: true,
        inUse: [{ version: '1', share: 1, isCanary: false }],
      },
      [TWO]: { isLocal: true, layers: [2], isReachable: false, inUse: [] },
    });

    expect(await use(TWO, { canary: 0.1 })).toMatchObject({ kind: 'canary', version: '2', before: '1' });
    expect(aws.alias()).toEqual({ version: '1', weights: { 2: 0.1 } });
    expect(await verified()).toEqual({ 1: [ONE, 0.9, 0], 2: [TWO, 0.1, 0] });
    expect((await list())[TWO]?.inUse).toEqual([{ version: '2', share: 0.1, isCanary: true }]);

    await use(TWO, { canary: 0.5 });
    expect(aws.alias()).toEqual({ version: '1', weights: { 2: 0.5 } });
    expect(await use(TWO)).toMatchObject({ kind: 'all', version: '2', before: '1' });
    expect(aws.alias()).toEqual({ version: '2', weights: {} });
    expect(await verified()).toEqual({ 2: [TWO, 1, 0] });
    expect(await use(TWO)).toMatchObject({ kind: 'unchanged', version: '2' });

    expect(await rollback()).toMatchObject({ kind: 'back', version: '1', left: '2', leftModel: TWO });
    expect(aws.alias()).toEqual({ version: '1', weights: {} });
    expect(aws.latest().variables).toEqual({
      DOCUMENTS_TABLE: 'documents',
      REJECTS_TABLE: 'rejects',
      MODEL: NAME,
    });
    expect(await verified()).toEqual({ 1: [ONE, 1, 0] });
    expect(new Set(aws.changes)).toEqual(
      new Set(['PublishLayerVersion', 'UpdateFunctionConfiguration', 'PublishVersion', 'UpdateAlias']),
    );
  }, 60_000);

  it('ends a canary by a rollback, which leaves the other version alone in use', async () => {
    await deployed.addModel('2');
    await publish(TWO);
    await use(TWO, { canary: 0.1 });
    await expect(use(ONE)).rejects.toThrow(/canary of banking77-tfidf@2 is running\. Nothing was changed/);
    expect(await rollback()).toMatchObject({ kind: 'canary-ended', version: '1', left: '2' });
    expect(deployed.aws.alias()).toEqual({ version: '1', weights: {} });
    expect(deployed.aws.latest().variables.MODEL).toBe(NAME);
    await expect(rollback()).rejects.toThrow(/Nothing to roll back to: version 1/);
    // The same model after the same version is the same version.
    expect(await use(TWO)).toMatchObject({ version: '2', before: '1' });
  }, 60_000);

  it('goes back step by step as far as the last deployment, and keeps as many versions as steps', async () => {
    const { aws } = deployed;
    const pruned: string[] = [];
    for (let step = 0; step < 7; step += 1) {
      // Models that are the same but for their names: what is to be seen here is the chain of versions.
      aws.addLayer(`Models: m@${step}, ${NAME}@1`, Buffer.alloc(0));
      pruned.push(...(await use(`m@${step}`, { verify: false })).pruned);
    }
    // Version 1 is the deployment's, which is CloudFormation's to delete.
    expect(pruned).toEqual(['2']);
    expect(aws.versions()).toEqual(['1', '3', '4', '5', '6', '7', '8']);
    for (const version of ['7', '6', '5', '4', '3']) expect(await rollback()).toMatchObject({ version });
    await expect(rollback()).rejects.toThrow(/version 2, which was in use before version 3, was deleted/);
    expect(aws.alias().version).toBe('3');
  });

  it('never goes back past a deployment, which may have brought other code', async () => {
    const { aws } = deployed;
    aws.addLayer(`Models: ${ONE}, m@1`, Buffer.alloc(0));
    await use('m@1', { verify: false });
    aws.deploy(aws.latest().variables, 'code-2');
    const changes = aws.changes.length;
    await expect(rollback()).rejects.toThrow(
      /version 3 \(m@1\) was put in use by a deployment.*Nothing was changed.*npm run model -- use/,
    );
    expect(aws.changes).toHaveLength(changes);
  });

  it('makes no version of code that was not deployed', async () => {
    const { aws } = deployed;
    aws.addLayer(`Models: ${ONE}, m@1`, Buffer.alloc(0));
    aws.replaceCode('code-2');
    await expect(use('m@1', { verify: false })).rejects.toThrow(
      /has code that is not live yet.*Nothing was changed: run `serverless deploy` first/,
    );
    expect(aws.changes).toEqual([]);
  });

  it('sets right what a rollback that was cut short has left', async () => {
    const { aws } = deployed;
    aws.addLayer(`Models: ${ONE}, m@1`, Buffer.alloc(0));
    await use('m@1', { verify: false });
    await use(ONE, { verify: false });
    aws.refuse('UpdateFunctionConfiguration', 'ServiceException', 'not now');
    await expect(rollback()).rejects.toThrow('not now');
    aws.allow('UpdateFunctionConfiguration');
    expect(aws.alias().version).toBe('2');
    expect(aws.latest().variables.MODEL).toBe(ONE);
    expect(await use('m@1')).toMatchObject({ kind: 'unchanged', version: '2' });
    expect(aws.latest().variables.MODEL).toBe('m@1');
  });

  it('publishes what the CPU of the stage needs, whatever this machine has', async () => {
    const { aws, service } = deployed;
    const folder = join(service.root, 'models/bert/1');
    await cp(join(FIXTURES, 'bert/1'), folder, { recursive: true });
    const graphs = { x64: 'model_quint8_avx2.onnx', arm64: 'model_qint8_arm64.onnx' };
    for (const graph of Object.values(graphs))
      await cp(join(FIXTURES, 'bert-int8.onnx'), join(folder, graph));
    await publish(ONE);
    const layer = await mkdtemp(join(service.root, 'layer-'));
    unzip(aws.newestLayer().zip, layer);
    const files = await readdir(join(layer, 'models/bert/1'));
    // The emulated function is one of arm64.
    expect(files.filter((file) => file.endsWith('.onnx'))).toEqual([graphs.arm64]);
  }, 60_000);

  it('puts a layer through S3 that is too large for the call', async () => {
    const { aws } = deployed;
    await deployed.addModel('2');
    await on((stage) => publishModel(stage, TWO, { maxDirectBytes: 1_000 }));
    expect(aws.changes).toEqual(['PutObject', 'PublishLayerVersion', 'DeleteObject']);
    await use(TWO);
    expect(await verified()).toEqual({ 2: [TWO, 1, 0] });
  }, 60_000);

  it('keeps the layers that a version has and the three newest, of those that it published', async () => {
    const { aws } = deployed;
    for (const id of ['m@1', 'm@2', 'm@3', 'm@4', 'm@5']) {
      aws.addLayer(`Published models: ${id}`, Buffer.alloc(0));
      if (id === 'm@2') await use(id, { verify: false });
    }
    // Layer 1 is the deployment's, layer 3 has a version of the function.
    expect(await publish(ONE)).toMatchObject({ version: 7, pruned: [4, 2] });
    expect(aws.layers()).toEqual([1, 3, 5, 6, 7]);
  }, 60_000);
});

describe('verification', () => {
  it('names the example that the deployed model says something else of, and not its text', async () => {
    const file = join(deployed.service.root, 'models', NAME, '1', 'examples.json');
    const examples = JSON.parse(await readFile(file, 'utf8'));
    examples[1].label = 'another';
    examples[2].score -= 0.0011;
    examples[3].score -= 0.0009;
    await writeFile(file, JSON.stringify(examples));
    const [result] = await on(verifyStage);
    expect(result?.mismatches).toEqual([
      { index: 1, expected: 'another 0.824889', found: 'pin 0.824889' },
      {
        index: 2,
        expected: 'transfer 0.779065',
        found: expect.stringMatching(/^transfer 0\.780/),
      },
    ]);
  });

  it('keeps a version from being used that does not say what it should, and undoes it', async () => {
    const { aws } = deployed;
    await deployed.addModel('2');
    await publish(TWO);
    const file = join(deployed.service.root, 'models', NAME, '2', 'examples.json');
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('card_2', 'another'));
    await expect(use(TWO)).rejects.toThrow(
      /3 of 8 examples are not as expected:\n {2}example 1: expected another[^]*Version 2 of labelstream-dev-classify-stream was deleted; version 1 stays in use/,
    );
    expect(aws.alias()).toEqual({ version: '1', weights: {} });
    expect(aws.versions()).toEqual(['1']);
    expect(aws.latest().variables.MODEL).toBe(NAME);
  }, 60_000);
});
