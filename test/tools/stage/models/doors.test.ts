import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rollBack } from '../../../../src/tools/stage/models/rollback.ts';
import { useModel, type UseOptions } from '../../../../src/tools/stage/models/use.ts';
import { verifyStage } from '../../../../src/tools/stage/models/check-examples.ts';
import { publishModel } from '../../../../src/tools/stage/models/publish.ts';
import {
  deployStage,
  type DeployedStage,
  FUNCTION,
  NAME,
  SETTINGS,
} from '../../../support/deployed-stage.ts';
import { command, runProgram } from '../../../support/run-program.ts';

const [ONE, TWO] = [`${NAME}@1`, `${NAME}@2`];
const PREDICT = 'labelstream-dev-predict';
const OBJECTS = 'labelstream-dev-classify-objects';

let deployed: DeployedStage;
const before = { ...process.env };

/** A stage with all three functions, whose layer has a second model. */
beforeEach(async () => {
  deployed = await deployStage();
  const { aws } = deployed;
  for (const name of [PREDICT, OBJECTS]) aws.other(name).deploy({ ...SETTINGS, MODEL: NAME }, `${name} 1`);
  aws.addLayer(`Published models: ${ONE}, m@1`, Buffer.alloc(0));
  Object.assign(process.env, deployed.environment);
}, 60_000);
afterEach(async () => {
  process.env = { ...before };
  await deployed.stop();
});

const on: DeployedStage['on'] = (work) => deployed.on(work);
const use = (id: string, options: UseOptions = { verify: false }) =>
  on((stage) => useModel(stage, id, options));
const rollback = () => on(rollBack);

/** Version and next model of each function. */
const state = () => {
  const { aws } = deployed;
  const all = { stream: aws, predict: aws.other(PREDICT), objects: aws.other(OBJECTS) };
  return Object.fromEntries(
    Object.entries(all).map(([name, one]) => [name, [one.alias().version, one.latest().variables.MODEL]]),
  );
};
const OLD = { stream: ['1', NAME], predict: ['1', NAME], objects: ['1', NAME] };
const NEW = { stream: ['2', 'm@1'], predict: ['2', 'm@1'], objects: ['2', 'm@1'] };

describe('use', () => {
  it('moves every function of the stage that has models, that of the stream last', async () => {
    const { aws } = deployed;
    expect(await use('m@1')).toMatchObject({
      kind: 'all',
      version: '2',
      before: '1',
      others: [
        { functionName: PREDICT, version: '2', before: '1' },
        { functionName: OBJECTS, version: '2', before: '1' },
      ],
    });
    expect(state()).toEqual(NEW);
    expect(aws.changes.filter((change) => change.startsWith('UpdateAlias'))).toEqual([
      `UpdateAlias ${PREDICT}`,
      `UpdateAlias ${OBJECTS}`,
      'UpdateAlias',
    ]);
    const { length } = aws.changes;
    expect(await use('m@1')).toMatchObject({ kind: 'unchanged' });
    expect(aws.changes).toHaveLength(length);
  });

  it('moves none where a version of one cannot be made, and leaves nothing of the others', async () => {
    const { aws } = deployed;
    aws.refuse(`PublishVersion ${OBJECTS}`, 'CodeStorageExceededException', 'no space left');
    await expect(use('m@1')).rejects.toThrow(
      /no space left[^]*Version 2 of labelstream-dev-predict was deleted[^]*No function was moved/,
    );
    expect(state()).toEqual(OLD);
    expect(aws.other(PREDICT).versions()).toEqual(['1']);
    aws.allow(`PublishVersion ${OBJECTS}`);
    await use('m@1');
    expect(Object.values(state()).map(([, model]) => model)).toEqual(['m@1', 'm@1', 'm@1']);
  });

  it.each([OBJECTS, FUNCTION])('moves those back that were moved where %s cannot be', async (refused) => {
    const { aws } = deployed;
    aws.refuse(`UpdateAlias ${refused}`, 'AccessDeniedException', 'not authorized: lambda:UpdateAlias');
    await expect(use('m@1')).rejects.toThrow(/lambda:UpdateAlias[^]*No function was moved/);
    expect(state()).toEqual(OLD);
    expect(aws.versions()).toEqual(['1']);
    expect(aws.other(PREDICT).versions()).toEqual(['1']);
  });

  it('names the functions that it could not move back, and is completed by running it again', async () => {
    const { aws } = deployed;
    const moves: string[] = [];
    const { push } = aws.changes;
    // The first move succeeds; from then on nobody may move anything.
    aws.changes.push = (...changes) => {
      moves.push(...changes);
      if (changes.includes(`UpdateAlias ${PREDICT}`))
        for (const name of [PREDICT, OBJECTS])
          aws.refuse(`UpdateAlias ${name}`, 'AccessDeniedException', 'not authorized: lambda:UpdateAlias');
      return push.apply(aws.changes, changes);
    };
    await expect(use('m@1')).rejects.toThrow(
      /lambda:UpdateAlias[^]*labelstream-dev-predict has version 2 with m@1[^]*the others are as they were[^]*npm run model -- use m@1 --stage dev/,
    );
    expect(state()).toMatchObject({ stream: ['1', NAME], predict: ['2', 'm@1'], objects: ['1', NAME] });
    aws.changes.push = push;
    for (const name of [PREDICT, OBJECTS]) aws.allow(`UpdateAlias ${name}`);
    await use('m@1');
    expect(Object.values(state()).map(([, model]) => model)).toEqual(['m@1', 'm@1', 'm@1']);
  });

  it('has a canary for the stream alone, and moves the others when it is completed', async () => {
    expect(await use('m@1', { verify: false, canary: 0.1 })).toMatchObject({ kind: 'canary', others: [] });
    expect(state()).toMatchObject({ predict: OLD.predict, objects: OLD.objects });
    expect(await use('m@1')).toMatchObject({ kind: 'all', others: [{}, {}] });
    expect(state()).toEqual(NEW);
  });

  it('refuses before anything is changed where one has code that is not live', async () => {
    const { aws } = deployed;
    aws.other(OBJECTS).replaceCode('code-2');
    await expect(use('m@1')).rejects.toThrow(
      /labelstream-dev-classify-objects has code that is not live yet.*Nothing was changed/,
    );
    expect(aws.changes).toEqual([]);
  });

  it('refuses where it may not look at one', async () => {
    deployed.aws.refuse(
      `GetFunctionConfiguration ${PREDICT}`,
      'AccessDeniedException',
      'not authorized: lambda:GetFunctionConfiguration',
    );
    await expect(use('m@1')).rejects.toThrow('lambda:GetFunctionConfiguration');
    expect(deployed.aws.changes).toEqual([]);
  });

  it('checks the examples on the new version of each, and undoes all where one says something else', async () => {
    const { aws } = deployed;
    await deployed.addModel('2');
    await on((stage) => publishModel(stage, TWO));
    const file = join(deployed.service.root, 'models', NAME, '2', 'examples.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll('card_2', 'another'));
    await expect(use(TWO, {})).rejects.toThrow(
      /3 of 8 examples[^]*Version 2 of labelstream-dev-predict was deleted; version 1 stays in use/,
    );
    expect(state()).toEqual(OLD);
    await writeFile(file, text);
    await use(TWO, {});
    expect((await on(verifyStage)).map(({ functionName, id }) => [functionName, id])).toEqual([
      [PREDICT, TWO],
      [OBJECTS, TWO],
      [FUNCTION, TWO],
    ]);
    expect(aws.versions()).toHaveLength(2);
  }, 60_000);
});

describe('rollback', () => {
  it('takes all functions back, that of the stream last', async () => {
    await use('m@1');
    expect(await rollback()).toMatchObject({
      kind: 'back',
      version: '1',
      others: [
        { functionName: PREDICT, version: '1', left: '2' },
        { functionName: OBJECTS, version: '1', left: '2' },
      ],
    });
    expect(state()).toEqual(OLD);
    expect(deployed.aws.changes.filter((change) => change.startsWith('UpdateAlias')).slice(3)).toEqual([
      `UpdateAlias ${PREDICT}`,
      `UpdateAlias ${OBJECTS}`,
      'UpdateAlias',
    ]);
  });

  it('takes none back where one cannot be moved', async () => {
    const { aws } = deployed;
    await use('m@1');
    aws.refuse('UpdateAlias ' + FUNCTION, 'AccessDeniedException', 'not authorized: lambda:UpdateAlias');
    await expect(rollback()).rejects.toThrow(/lambda:UpdateAlias[^]*No function was moved/);
    expect(state()).toEqual(NEW);
  });

  it('leaves a function alone that has had another model, and says so', async () => {
    const { aws } = deployed;
    await use('m@1');
    aws.other(PREDICT).deploy({ ...SETTINGS, MODEL: 'm@1', MODEL_CHOSEN_BY: 'npm run model' }, 'code-2');
    expect(await rollback()).toMatchObject({
      version: '1',
      others: [{ functionName: OBJECTS, version: '1' }],
      stay: [{ functionName: PREDICT, version: '3', model: 'm@1' }],
    });
  });
});

describe('npm run model', () => {
  it('says what became of each function', async () => {
    const run = (...args: string[]) =>
      runProgram(
        command('model', args, {
          env: { PATH: process.env.PATH, HOME: deployed.service.root, ...deployed.environment },
        }),
      );
    const used = await run('use', 'm@1', '--no-verify');
    expect([used.status, used.stdout]).toEqual([
      0,
      `${PREDICT}: version 2 with m@1 is in use, after version 1\n` +
        `${OBJECTS}: version 2 with m@1 is in use, after version 1\n` +
        'version 2 with m@1 is in use, after version 1\n',
    ]);
    expect(used.stderr).toContain(`Jobs on AWS Batch take theirs from the deployment and the image.`);
    const back = await run('rollback');
    expect(back.stdout).toContain(
      `${PREDICT}: version 1 with ${NAME} is in use again, after version 2 with m@1\n`,
    );
  }, 60_000);
});
