import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publishModel } from '../../../../src/tools/stage/models/publish.ts';
import { rollBack } from '../../../../src/tools/stage/models/rollback.ts';
import { openStageModels } from '../../../../src/tools/stage/models/stage-models.ts';
import { useModel } from '../../../../src/tools/stage/models/use.ts';
import { deployStage, type DeployedStage, NAME } from '../../../support/deployed-stage.ts';
import { command, runProgram } from '../../../support/run-program.ts';

const [ONE, TWO] = [`${NAME}@1`, `${NAME}@2`];

let deployed: DeployedStage;
const before = { ...process.env };

beforeAll(async () => {
  deployed = await deployStage();
}, 60_000);
beforeEach(() => {
  Object.assign(process.env, deployed.environment);
});
afterEach(async () => {
  process.env = { ...before };
  await rm(join(deployed.service.root, 'models', NAME, '2'), { recursive: true, force: true });
  // Whatever was wrong: it was said before anything was changed.
  expect(deployed.aws.changes).toEqual([]);
});
afterAll(() => deployed.stop());

const publish = async (id: string) => {
  const stage = await deployed.open();
  return publishModel(stage, id).finally(() => stage.close());
};
const use = async (id: string) => {
  const stage = await deployed.open();
  return useModel(stage, id).finally(() => stage.close());
};
const file = (name: string) => join(deployed.service.root, 'models', NAME, '2', name);

describe('publish', () => {
  it('refuses a model that is not there, and says which are', async () => {
    await expect(publish('nope@1')).rejects.toThrow(
      `Model nope@1 not found in models/; available: ${ONE}. Nothing was changed.`,
    );
  });

  it.each(['banking77-tfidf', 'a b@1', '@1', ''])('refuses %p, which is no name@version', async (id) => {
    await expect(publish(id)).rejects.toThrow(/is no model's name: name it with its version/);
  });

  it('refuses a corrupt graph, with the file and its digests', async () => {
    await deployed.addModel('2');
    await appendFile(file('classifier.onnx'), '!');
    await expect(publish(TWO)).rejects.toThrow(
      /2\/classifier\.onnx is not the file of its manifest: expected sha256 \w{64}, found \w{64}[^]*Nothing was changed\./,
    );
  });

  it('refuses a manifest that is not one', async () => {
    await deployed.addModel('2');
    await writeFile(file('model.json'), '{"name": "banking77-tfidf"}');
    await expect(publish(TWO)).rejects.toThrow(
      /2\/model\.json is not a model manifest: .*Nothing was changed/,
    );
  });

  it('refuses to ship other models that cannot be used, and names every one', async () => {
    const { service } = deployed;
    await service.writeModel('junk', Buffer.from('junk'));
    await service.writeModel('torn');
    await writeFile(join(service.root, 'models/torn/1/model.json'), '{');
    await expect(publish(ONE)).rejects.toThrow(
      /2 models in models\/ cannot be used:\n {2}(torn|junk)@1: .*\n {2}(torn|junk)@1: .*\n.*move the folder out of models\/.*Nothing was changed/,
    );
    for (const name of ['junk', 'torn']) await rm(join(service.root, 'models', name), { recursive: true });
  }, 60_000);

  it.each([
    [
      'missing',
      undefined,
      /examples\.json cannot be read: .*labelstream-export \(models\/export\/\) writes it.*by hand it is a list, \[\{ "text": .*"score"/,
    ],
    ['empty', '[]', /examples\.json is no list of examples.*the file: Too small/],
    ['not JSON', 'text', /examples\.json is no list of examples.*: it is not JSON/],
    ['without a score', '[{"text":"t","label":"a"}]', /is no list of examples.*: 0\.score: /],
  ])(
    'refuses examples that are %s',
    async (_, content, message) => {
      await deployed.addModel('2');
      if (content === undefined) await rm(file('examples.json'));
      else await writeFile(file('examples.json'), content);
      await expect(publish(TWO)).rejects.toThrow(message);
    },
    60_000,
  );

  it('refuses a model that says something else of its examples than they expect', async () => {
    await deployed.addModel('2');
    await writeFile(
      file('examples.json'),
      '[{"text":"My new card has not come","label":"another","score":0.5}]',
    );
    await expect(publish(TWO)).rejects.toThrow(
      /banking77-tfidf@2: 1 of 1 examples are not as expected:\n.*expected another 0\.500000, found card_2[^]*Nothing was changed/,
    );
  }, 60_000);

  it('refuses models over the limit for layers and function, with the size of each part', async () => {
    await deployed.addModel('2');
    await deployed.service.writeLargeModel('large', 262_144_000);
    await expect(publish(TWO)).rejects.toThrow(
      /Function and layers together: \d+ bytes unzipped, \d+ more than the 262144000 allowed: models \d+ .*Nothing was changed/,
    );
    await rm(join(deployed.service.root, 'models', 'large'), { recursive: true });
  }, 60_000);
});

describe('use', () => {
  it('refuses a model that the stage does not have, and says what to do', async () => {
    await expect(use('nope@1')).rejects.toThrow(
      `Model nope@1 not found in any version of the layer labelstream-dev-models; available: ${ONE}. ` +
        'It is not in models/ here, either. Nothing was changed.',
    );
    await deployed.addModel('2');
    await expect(use(TWO)).rejects.toThrow(/`npm run model -- publish banking77-tfidf@2 --stage dev` first/);
  });
});

describe('rollback', () => {
  it('says so where there is nothing to roll back to', async () => {
    const stage = await deployed.open();
    await expect(rollBack(stage)).rejects.toThrow(
      /Nothing to roll back to: version 1 \(banking77-tfidf\) was put in use by a deployment.*Nothing was changed/,
    );
    stage.close();
  });
});

describe('every command', () => {
  const run = (args: readonly string[], env: Readonly<Record<string, string>>) =>
    runProgram(
      command('model', args, {
        root: deployed.service.root,
        env: { PATH: process.env.PATH, HOME: deployed.service.root, ...env },
      }),
    );

  it('lists and verifies, and ends well', async () => {
    const listed = await run(['list'], deployed.environment);
    expect(listed).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('account 123456789012, us-east-1, stage dev'),
    });
    expect(listed.stdout).toMatch(/banking77-tfidf@1 +│ yes +│ 1 +│ 100 %, version 1/);
    const asJson = JSON.parse((await run(['list', '--json'], deployed.environment)).stdout);
    expect(asJson.sections[0].rows).toContainEqual({
      ...{ model: 'banking77-tfidf@1', local: 'yes', layers: '1' },
      inUse: '100 %, version 1',
    });
    const { status, stdout } = await run(['verify'], deployed.environment);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^version 1: banking77-tfidf@1: 8 examples as expected, in \d+ ms\n$/);
  }, 60_000);

  it('says so where the stage is not deployed', async () => {
    const { status, stderr } = await run(['list', '--stage', 'nope'], deployed.environment);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^Stage nope is not deployed in us-east-1: function labelstream-nope-classify-stream not found\. Deploy it/,
    );
  });

  it('says so where there are no credentials', async () => {
    const { AWS_ACCESS_KEY_ID: _, ...none } = deployed.environment;
    await mkdir(join(deployed.service.root, '.aws'), { recursive: true });
    const { status, stderr } = await run(['rollback'], none);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^No valid AWS credentials \(CredentialsProviderError\): set AWS_PROFILE/);
  });

  it('says so where AWS cannot be reached', async () => {
    const { status, stderr } = await run(['list'], {
      ...deployed.environment,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^AWS cannot be reached \(ECONNREFUSED\)/);
  }, 60_000);

  it.each([
    [['use', TWO, '--canary', '0'], /--canary <percent>.*whole number from 1 to 99/],
    [['publish'], /missing required argument 'name@version'/],
    [['nope'], /unknown command 'nope'/],
  ])('refuses %p', async (args, message) => {
    const { status, stderr } = await run(args, deployed.environment);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('reports what an AWS user is not authorized to do', async () => {
    deployed.aws.refuse('GetAlias', 'AccessDeniedException', 'not authorized to perform: lambda:GetAlias');
    await expect(openStageModels({ root: deployed.service.root, stage: 'dev' })).rejects.toThrow(
      'Your AWS user is not authorized (looking at the function): not authorized to perform: lambda:GetAlias',
    );
  });
});
