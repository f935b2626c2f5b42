import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildBundle } from '../../../src/tools/build/bundle.ts';
import { copyService, type ServiceCopy } from '../../support/service-copy.ts';

let service: ServiceCopy;
beforeAll(async () => {
  service = await copyService();
});
afterAll(() => service.remove());

/** The smaller of the two. */
const build = () =>
  buildBundle(service.root, join(service.root, '.build', 'fan-out'), { functionName: 'fanOut' });
/** Whether a build after this change writes the bundle. */
const isBuiltAfter = async (change: () => Promise<void>): Promise<boolean> => {
  const { file } = await build();
  const { mtimeNs } = await stat(file, { bigint: true });
  await change();
  await build();
  return (await stat(file, { bigint: true })).mtimeNs !== mtimeNs;
};

describe('the bundle', () => {
  it('is built where it is not there, and not again where nothing has changed', async () => {
    const { file, handler } = await build();
    expect(handler).toBe('src/functions/fan-out.handler');
    expect(await readFile(file, 'utf8')).toContain('handler');
    expect(await isBuiltAfter(async () => undefined)).toBe(false);
  });

  it.each([
    ['a file of it', 'src/errors.ts', (text: string) => `${text}\nexport const added = 1;\n`],
    [
      'an option',
      'src/infrastructure/build.yml',
      (text: string) => text.replace('minify: true', 'minify: false'),
    ],
    ['the list of packages', 'package.json', (text: string) => text.replace('"hono"', '"honey"')],
  ])('is built again where %s has changed', async (_, path, change) => {
    const source = join(service.root, path);
    const text = await readFile(source, 'utf8');
    expect(change(text)).not.toBe(text);
    expect(await isBuiltAfter(() => writeFile(source, change(text)))).toBe(true);
  });

  it('is built again where it is not what it was, or not there', async () => {
    const { file } = await build();
    const bundle = await readFile(file, 'utf8');
    await writeFile(file, 'half of it');
    await build();
    expect(await readFile(file, 'utf8')).toBe(bundle);
    expect(await isBuiltAfter(() => writeFile(`${file}.inputs.json`, '{"half":'))).toBe(true);
    expect(await isBuiltAfter(() => writeFile(`${file}.inputs.json`, '{}'))).toBe(true);
    await rm(file);
    await build();
    expect(await readFile(file, 'utf8')).toBe(bundle);
  });
});
