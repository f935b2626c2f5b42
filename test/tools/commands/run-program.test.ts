import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { unzippedBytes } from '../../../src/tools/build/zip-size.ts';
import {
  command,
  type Program,
  type ProgramRun,
  runProgram,
  spawnProgram,
} from '../../support/run-program.ts';
import { copyService, type ServiceCopy } from '../../support/service-copy.ts';

/** Tests run most commands in a process that has run others before. */
describe('a program in a process that has run others', () => {
  let service: ServiceCopy;
  beforeAll(async () => {
    service = await copyService();
    await service.writeModel('demo');
  });
  afterAll(() => service.remove());

  /** What the framework writes, but for times and for digests of archives, which are not compressed here. */
  const packaged = async () => {
    const folder = join(service.root, '.serverless');
    const names = (await readdir(folder)).toSorted();
    const written = names.map(async (name) => {
      const path = join(folder, name);
      if (name.endsWith('.zip')) return [name, await unzippedBytes(path)];
      const text = await readFile(path, 'utf8');
      return [name, text.replaceAll(/\d{13}-[\dTZ:.-]+|\b[\da-f]{40}\b|(?<=LambdaVersion)\w{20,}/g, '')];
    });
    const all = await Promise.all(written);
    await rm(folder, { recursive: true });
    return all;
  };
  /** Of an error nobody has caught, Node.js prints the line, too. */
  const messageOf = ({ stderr }: ProgramRun) => /\w+Error: .*/.exec(stderr)?.[0] ?? stderr;
  const withoutTimes = ({ stdout, stderr, ...other }: ProgramRun) => ({
    ...other,
    said: [stdout, stderr].map((text) => text.replaceAll(/\(\d+s\)/g, '')),
  });

  it('packages what a process of its own packages, and says the same', async () => {
    const args = ['package', '--param', 'fanOut=function', '--stage', 'other'];
    const alone = withoutTimes(await service.spawnServerless(args));
    const alonePackaged = await packaged();
    for (const before of [['package', '--param', 'shards=x'], ['deploy']]) await service.serverless(before);
    expect(withoutTimes(await service.serverless(args))).toEqual(alone);
    expect(await packaged()).toEqual(alonePackaged);
  }, 60_000);

  it.each<[string, () => Program]>([
    ['a command that is refused', () => command('plan', ['--records-per-second', 'x'])],
    ['a command that prints', () => command('plan', ['--records-per-second', '5', '--json'])],
    ['a command that exits', () => command('classify', ['--top-k', '2', 'How do I change my PIN?'])],
    ['a module that throws', () => ({ ...command('plan', []), file: __filename })],
  ])(
    'is what it is alone: %s',
    async (_, program) => {
      const alone = await spawnProgram(program());
      // Twice: what the first one leaves behind would be seen by the second.
      for (const run of [await runProgram(program()), await runProgram(program())]) {
        expect(run.status).toBe(alone.status);
        expect(run.stdout).toBe(alone.stdout);
        expect(messageOf(run)).toBe(messageOf(alone));
      }
    },
    60_000,
  );
});
