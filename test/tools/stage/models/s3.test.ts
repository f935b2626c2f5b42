import { LOCAL_CREDENTIALS } from '../../../../src/tools/emulators/aws/aws-clients.ts';
import { s3Objects } from '../../../../src/stores/objects/s3.ts';
import { modelsInS3 } from '../../../../src/tools/stage/models/s3/models-in-s3.ts';
import { versionsInS3 } from '../../../../src/tools/stage/models/s3/list.ts';
import { pruneInS3 } from '../../../../src/tools/stage/models/s3/prune.ts';
import { publishToS3 } from '../../../../src/tools/stage/models/s3/publish.ts';
import { rollBackInS3 } from '../../../../src/tools/stage/models/s3/use.ts';
import { memoryObjects } from '../../../../src/stores/objects/memory.ts';
import { s3World, type S3World } from '../../../support/embedded-s3.ts';
import { command, spawnProgram } from '../../../support/run-program.ts';
import { publishedModelsWorld, type PublishedModelsWorld } from '../../../support/published-models.ts';

const MODEL = 'banking77-tfidf@1';

describe('npm run model, with models in S3', () => {
  let s3: S3World;
  beforeAll(async () => {
    s3 = await s3World(['models']);
  });
  afterAll(() => s3.stop());

  const at = (models: string, ...words: readonly string[]) =>
    spawnProgram(
      command('model', [...words, '--models', models], {
        env: {
          ...process.env,
          AWS_ENDPOINT_URL_S3: s3.endpoint,
          AWS_REGION: 'us-east-1',
          AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
          AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
        },
      }),
    );
  const model = (...words: readonly string[]) => at('s3://models/stage', ...words);

  it('publishes a model, puts it in use, lists it and says what there is to go back to', async () => {
    const early = await model('use', MODEL);
    expect(early.status).toBe(2);
    expect(early.stderr).toContain(
      `Model ${MODEL} is not published in s3://models/stage/. Nothing was changed`,
    );

    const published = await model('publish', MODEL);
    expect(published.stdout).toMatch(
      /22 examples as expected here\npublished s3:.*banking77-tfidf\/1\/, \d+ files/,
    );
    expect((await model('publish', MODEL)).stdout).toContain(
      's3://models/stage/banking77-tfidf/1/ has it already',
    );

    const used = await model('use', MODEL);
    expect(used.stdout).toContain(`${MODEL}: 22 examples as expected, from S3\n${MODEL} is in use\n`);
    expect((await model('use', MODEL)).stdout).toBe(`${MODEL} is in use already\n`);
    expect((await model('use', MODEL, '--canary', '10')).stderr).toContain('there is no canary');

    const { stdout } = await model('list', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      sections: [
        {
          rows: expect.arrayContaining([
            { model: MODEL, local: 'yes', size: expect.stringMatching(/MB$/), inUse: 'yes' },
            { model: 'banking77-minilm@1', local: 'yes', size: 'no', inUse: 'no' },
          ]),
        },
      ],
    });
    const back = await model('rollback', 'banking77-tfidf');
    expect(back.status).toBe(2);
    expect(back.stderr).toContain(`Nothing to roll back to: ${MODEL} is the first version in use`);
    expect((await model('prune', 'banking77-tfidf')).stdout).toBe('banking77-tfidf: nothing to delete\n');
  }, 60_000);

  it('refuses a place that is none', async () => {
    const { status, stderr } = await at('https://example.org', 'list');
    expect([status, stderr]).toEqual([2, expect.stringContaining('not in S3')]);
    const nowhere = await at('s3://no-such-bucket-here/x', 'list');
    expect([nowhere.status, nowhere.stderr]).toEqual([2, expect.stringContaining('no-such-bucket-here')]);
  }, 60_000);

  it('goes on with an upload that was interrupted', async () => {
    const objects = s3Objects(s3.client);
    const world = publishedModelsWorld(objects);
    const { put } = objects;
    let puts = 0;
    const models = modelsInS3(
      { ...objects, put: (...given) => (++puts === 3 ? Promise.reject(new Error('killed')) : put(...given)) },
      's3://models/interrupted',
    );
    const one = world.version('1');
    await expect(publishToS3(models, one, world.folder)).rejects.toThrow('killed');
    expect(await models.published.version('cards', '1')).toBeUndefined();
    expect(await versionsInS3(models)).toEqual([]);
    expect(await publishToS3(models, one, world.folder)).toMatchObject({ isNew: true, files: 3 });
    expect(await versionsInS3(models)).toMatchObject([{ name: 'cards', version: '1' }]);
    world.remove();
  });
});

describe('versions in S3', () => {
  let world: PublishedModelsWorld;
  beforeEach(() => {
    world = publishedModelsWorld(memoryObjects(['models']));
  });
  afterEach(() => world.remove());

  it('are never overwritten', async () => {
    await world.publish('1');
    await world.publish('1');
    await expect(world.publish('1', { says: 'other' })).rejects.toThrow(
      'cards@1 is published with another content, and a version is never overwritten',
    );
  });

  it('are gone back to one by one, as far as they are remembered', async () => {
    for (const version of ['1', '2', '3']) {
      await world.publish(version);
      await world.use(version);
    }
    const back = () => rollBackInS3(world.models, 'cards');
    expect(await back()).toEqual({ id: 'cards@2', before: 'cards@3' });
    expect(await back()).toEqual({ id: 'cards@1', before: 'cards@2' });
    await expect(back()).rejects.toThrow('cards@1 is the first version in use');
  });

  it('are not used by two at once: the second is told', async () => {
    await world.publish('1');
    await world.publish('2');
    await world.use('1');
    let isFirst = true;
    const { pointer } = world.models.published;
    Object.assign(world.models.published, {
      pointer: async (name: string) => {
        const found = await pointer(name);
        // Somebody else is faster.
        if (isFirst) {
          isFirst = false;
          await world.publish('3');
          await world.use('3');
        }
        return found;
      },
    });
    await expect(world.use('2')).rejects.toThrow('Somebody else has changed the version of cards meanwhile');
    expect((await world.models.published.pointer('cards')) as object).toMatchObject({ version: '3' });
  });

  it('are deleted where nothing goes back to them any more', async () => {
    for (let version = 1; version <= 9; version += 1) {
      await world.publish(String(version));
      if (version !== 2 && version !== 9) await world.use(String(version), { verify: false });
    }
    // In use: 8; to go back to: 7, 6, 5, 4, 3; newer than that in use: 9.
    expect((await pruneInS3(world.models, 'cards', { dryRun: true })).map(({ version }) => version)).toEqual([
      '1',
      '2',
    ]);
    expect(await versionsInS3(world.models)).toHaveLength(9);
    await pruneInS3(world.models, 'cards');
    expect((await versionsInS3(world.models)).map(({ version }) => version)).toEqual([
      ...['3', '4', '5', '6', '7', '8', '9'],
    ]);
    await expect(pruneInS3(world.models, 'nobody')).rejects.toThrow('No version of nobody is in use');
  });
});
