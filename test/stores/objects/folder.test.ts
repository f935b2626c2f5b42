import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderObjects } from '../../../src/stores/objects/folder.ts';
import { describeObjectStore } from '../../contract/object-store.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'labelstream-objects-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describeObjectStore(
  'in a folder',
  async () => ({
    store: folderObjects({ one: join(root, 'one'), two: join(root, 'two'), three: join(root, 'three') }),
    ...{ bucket: 'one', other: 'two', missing: 'three' },
  }),
  {
    many: 60,
    refused: [
      'down/../up.txt',
      '../outside.txt',
      './here.txt',
      'two//slashes.txt',
      '/leading.txt',
      'ends/with/slash/',
      '.unfinished-objects/x',
    ],
  },
);
