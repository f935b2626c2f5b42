import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  describedModels,
  describeLayer,
  digestOf,
} from '../../../../src/tools/stage/models/layer-description.ts';
import { listModels } from '../../../../src/tools/stage/models/list.ts';
import { publishModel } from '../../../../src/tools/stage/models/publish.ts';
import { useModel } from '../../../../src/tools/stage/models/use.ts';
import { deployStage, type DeployedStage, NAME } from '../../../support/deployed-stage.ts';

const MAX_CHARACTERS = 256;
const ONE = `${NAME}@1`;

const word = fc.string({ unit: fc.constantFrom(...'abcXYZ019._-'), minLength: 1, maxLength: 40 });
const id = fc.tuple(word, word).map((parts) => parts.join('@'));

describe('the description of a models layer', () => {
  it('names the models, where there is room for them', () => {
    expect(describeLayer(['b@2', 'a@1'], 'model')).toBe('Published models: a@1, b@2');
    expect(describedModels('Models: a@1, b@2')).toEqual({ by: 'deployment', ids: ['a@1', 'b@2'] });
    expect(describedModels('Models, /opt/models/<name>/<version>')).toEqual({ by: 'deployment', ids: [] });
  });

  it('is never longer than Lambda takes, and tells the models, or a digest of them all', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(id, { minLength: 1, maxLength: 60 }),
        fc.constantFrom('deployment' as const, 'model' as const),
        (ids, by) => {
          const description = describeLayer(ids, by);
          expect(description.length).toBeLessThanOrEqual(MAX_CHARACTERS);
          const said = describedModels(description);
          expect(said.by).toBe(by);
          expect(ids.toSorted().slice(0, said.ids.length)).toEqual(said.ids);
          if (said.ids.length < ids.length) expect(said.digest).toBe(digestOf(ids));
          else expect(said.digest).toBeUndefined();
        },
      ),
    );
  });
});

describe.each([26, 60])('a stage with %i models', (count) => {
  const names = Array.from({ length: count - 1 }, (_, index) => `a-model-of-a-long-name-${index}`);
  const ids = [...names.map((name) => `${name}@1`), ONE].toSorted();
  let deployed: DeployedStage;
  const before = { ...process.env };

  beforeAll(async () => {
    deployed = await deployStage();
    for (const name of names) await deployed.service.writeModel(name);
    Object.assign(process.env, deployed.environment);
  }, 120_000);
  afterAll(async () => {
    process.env = { ...before };
    await deployed.stop();
  });
  const on: DeployedStage['on'] = (work) => deployed.on(work);

  it('has them in its layer, which says so in 256 characters, also to who has none of them', async () => {
    const published = await on((stage) => publishModel(stage, ONE));
    expect(published).toMatchObject({ version: 2, isNew: true });
    expect(published.ids.toSorted()).toEqual(ids);
    const { description } = deployed.aws.newestLayer();
    expect(description).toMatch(
      new RegExp(
        `^Published models: ${count} models, sha256 [0-9a-f]{32}: a-model-of-a-long-name-0@1, .*, \\.\\.\\.$`,
      ),
    );
    expect(description.length).toBeLessThanOrEqual(MAX_CHARACTERS);
    expect(await on((stage) => publishModel(stage, ONE))).toMatchObject({ version: 2, isNew: false });

    for (const name of names) await rm(join(deployed.service.root, 'models', name), { recursive: true });
    const listed = await on(listModels);
    expect(listed.filter(({ layers }) => layers.includes(2)).map((model) => model.id)).toEqual(ids);
    const [last = ''] = names.slice(-1);
    await on((stage) => useModel(stage, `${last}@1`, { verify: false }));
    expect(deployed.aws.latest().variables.MODEL).toBe(`${last}@1`);
    await expect(on((stage) => useModel(stage, 'nobody@1'))).rejects.toThrow(
      /not found in any version of the layer/,
    );
  }, 120_000);

  it('can be packaged', async () => {
    for (const name of names) await deployed.service.writeModel(name);
    const out = join(deployed.service.root, 'out');
    const run = await deployed.service.serverless(['package', '--package', out]);
    expect([run.status, run.stderr + run.stdout]).toEqual([0, expect.anything()]);
    const file = join(out, 'cloudformation-template-update-stack.json');
    const { Description } = JSON.parse(await readFile(file, 'utf8')).Resources.ModelsLambdaLayer.Properties;
    expect(describedModels(Description)).toMatchObject({ by: 'deployment', digest: digestOf(ids) });
  }, 120_000);
});
