import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { textModel } from '../../support/onnx.ts';
import { command, runProgram } from '../../support/run-program.ts';
import { copyService, type ServiceCopy } from '../../support/service-copy.ts';

let service: ServiceCopy;

/** Labels are `a` for the text "yes", with 0.75, and `b` for all others, with 1. */
beforeAll(async () => {
  service = await copyService();
  await service.writeModel('demo');
  await service.writeModel('other');
  const right = [
    { text: 'yes', label: 'a', score: 0.75 },
    { text: 'no', label: 'b', score: 1 },
  ];
  await writeFile(join(service.root, 'models/other/1/examples.json'), JSON.stringify(right));
  await writeFile(
    join(service.root, 'messages.csv'),
    'body,intent\nyes,a\nno,b\nperhaps,b\nnever,a\nunknown,\n',
  );
});
afterAll(() => service.remove());

/** `npm run model -- check`, where nothing leads to AWS. */
const check = (...args: readonly string[]) =>
  runProgram(
    command('model', ['check', ...args], {
      root: service.root,
      env: { PATH: process.env.PATH, AWS_ENDPOINT_URL: 'http://127.0.0.1:9', HOME: service.root },
    }),
  );
/** But for its speed, which takes two seconds to measure. */
const checkQuickly = (...args: readonly string[]) => check('--no-speed', ...args);
const LABELLED = ['--input', 'messages.csv', '--text-column', 'body', '--label-column', 'intent'];

describe('npm run model -- check', () => {
  it('says of every model how it does', async () => {
    const { status, stdout, stderr } = await check();
    expect([status, stderr]).toEqual([0, '']);
    const [demo = '', other = ''] = stdout.split(/\n(?=\S)/);
    for (const [id, said] of [
      ['demo@1', demo],
      ['other@1', other],
    ] as const) {
      expect(said).toMatch(new RegExp(`^${id}\n {2}loads +in \\d+ ms`));
      expect(said).toMatch(
        /\n {2}in the layer +[\d,]+ bytes, 0% of the 250 MB that function and layers may have/,
      );
      expect(said).toMatch(
        /\n {2}memory +[1-9]\d+ MB at most, of a function that loads it and classifies 100 texts/,
      );
      expect(said).toMatch(/\n {2}speed +[\d,]+ texts\/s one at a time, [\d,]+ texts\/s by the hundred/);
      expect(said).not.toContain('accuracy');
    }
    expect(demo).toMatch(/\n {2}examples +none; `npm run model -- publish` needs an examples\.json/);
    expect(other).toMatch(/\n {2}examples +2 as expected/);
  }, 60_000);

  it('tells the accuracy on a file, as JSON, too, and ends with status 1 where it is less than it should be', async () => {
    const met = await checkQuickly('demo', ...LABELLED, '--min-accuracy', '0.75');
    expect([met.status, met.stdout]).toEqual([
      0,
      expect.stringMatching(/\n {2}accuracy +75% of 4 messages\n/),
    ]);
    const missed = await checkQuickly('demo@1', ...LABELLED, '--min-accuracy', '0.76', '--json');
    expect([missed.status, JSON.parse(missed.stdout)]).toEqual([
      1,
      {
        sections: [
          expect.objectContaining({
            title: 'demo@1',
            rows: expect.arrayContaining([
              { name: 'accuracy', text: '75% of 4 messages, less than 76%' },
              { name: 'loads', text: expect.stringMatching(/^in \d+ ms, with a first text$/) },
            ]),
          }),
        ],
      },
    ]);
  }, 60_000);

  it('names examples of which the model says something else, not their texts, and ends with status 1', async () => {
    const file = join(service.root, 'models/demo/1/examples.json');
    const examples = [
      { text: 'yes', label: 'a', score: 0.75 },
      { text: 'a secret', label: 'a', score: 0.5 },
    ];
    await writeFile(file, JSON.stringify(examples));
    const { status, stdout } = await checkQuickly('demo');
    expect(status).toBe(1);
    expect(stdout).not.toContain('speed');
    expect(stdout).toMatch(
      /examples +1 of 2 not as expected:\n +example 2: expected a 0\.500000, found b 1\.000000/,
    );
    expect(stdout).not.toContain('secret');
  }, 60_000);

  it.each<[string, readonly string[], RegExp]>([
    [
      'a model that is not there',
      ['nobody'],
      /Model nobody not found in models\/; available: demo@1, other@1/,
    ],
    ['a file that is not there', ['demo', '--input', 'nowhere.csv'], /nowhere\.csv/],
    ['a column that is not there', ['demo', '--input', 'messages.csv'], /messages\.csv.*text/],
    [
      'an accuracy without labels',
      ['demo', '--min-accuracy', '0.9'],
      /--min-accuracy needs labels; name a file/,
    ],
    [
      'columns without a file',
      ['demo', '--label-column', 'intent'],
      /columns of a file; name it with --input/,
    ],
    ['an accuracy that is none', ['demo', ...LABELLED, '--min-accuracy', '90'], /a number from 0 to 1/],
    ['an unknown option', ['demo', '--nope'], /unknown option '--nope'/],
  ])('ends with status 2 for %s', async (_, args, message) => {
    const { status, stderr } = await check(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ at .*\.ts:/);
  });

  it('ends with status 2 where a model cannot be used, after it has checked the others', async () => {
    await service.writeModel(
      'broken',
      textModel({
        graph: [
          [
            1,
            [
              [1, 'text'],
              [2, 'x'],
              [4, 'NoSuchOperator'],
            ],
          ],
        ],
      }),
    );
    await service.writeModel('torn');
    await writeFile(join(service.root, 'models/torn/1/model.json'), '{');
    const { status, stdout, stderr } = await checkQuickly();
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /broken@1: models\/broken\/1\/classifier\.onnx is not a graph that .*NoSuchOperator/,
    );
    expect(stderr).toMatch(/torn@1: models\/torn\/1\/model\.json could not be read as JSON/);
    expect(stdout).toMatch(/^demo@1\n[^]*\nother@1\n/);
    expect((await checkQuickly('torn@1')).status).toBe(2);
    expect((await checkQuickly('other')).status).toBe(0);
  }, 60_000);
});
