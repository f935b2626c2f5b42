import { hash } from 'node:crypto';
import fs, { cpSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { ModelError } from '../../../src/errors.ts';
import { prepareModel } from '../../../src/tools/build/layer-models.ts';
import { modelsBelow } from '../../../src/models/sources/directory.ts';
import { loadSklearn } from '../../../src/models/formats/sklearn.ts';
import { loadTransformer } from '../../../src/models/formats/transformer.ts';
import { CONSTANT, type Fields, proto, tensor, textModel } from '../../support/onnx.ts';
import { FIXTURES } from '../../support/transformers.ts';

const SECRET = 'SECRET of somebody else';

/** `outside` is not the model's, `target` gets the model; the model is `models/demo/1`, with links of every kind. */
let root: string;
let folder: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'labelstream-paths-')));
  folder = join(root, 'models/demo/1');
  mkdirSync(join(root, 'outside/below'), { recursive: true });
  writeFileSync(join(root, 'outside/secret.bin'), SECRET);
  writeFileSync(join(root, 'outside/below/secret.bin'), SECRET);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(root, { recursive: true });
});

/** Files and links of the model, beside its graph. */
const furnish = (): void => {
  rmSync(join(root, 'models'), { recursive: true, force: true });
  mkdirSync(join(folder, 'sub'), { recursive: true });
  for (const file of ['data.bin', 'sub/data.bin', 'constructor', 'with space.bin'])
    writeFileSync(join(folder, file), CONSTANT);
  const links = {
    'link-in': 'data.bin',
    'link-out': '../../../outside/secret.bin',
    'absolute-out': join(root, 'outside/secret.bin'),
    'link-to-link': 'link-out',
    'dir-in': 'sub',
    'dir-out': '../../../outside',
    dangling: 'nowhere',
    round: 'round',
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name));
};

const sklearn = (graph: Buffer, file = 'graph.onnx'): void => {
  furnish();
  writeFileSync(join(folder, 'graph.onnx'), graph);
  const steps = [{ file, sha256: hash('sha256', graph, 'hex') }];
  const common = { name: 'demo', version: '1', task: 'text-classification', labels: ['yes', 'no'] };
  writeFileSync(join(folder, 'model.json'), JSON.stringify({ ...common, format: 'sklearn', steps }));
};

const transformer = (location: string, file = 'model.onnx'): void => {
  furnish();
  cpSync(join(FIXTURES, 'bert/1'), folder, { recursive: true });
  const graph = readFileSync(join(FIXTURES, 'external.onnx'));
  const moved = moveWeights(graph, location);
  writeFileSync(join(folder, 'model.onnx'), moved);
  writeFileSync(join(folder, 'model.json'), JSON.stringify({ graph: file }));
};

/** Appends an initializer: messages that are there twice are merged. */
const moveWeights = (graph: Buffer, location: string): Buffer =>
  Buffer.concat([graph, proto([[7, [[5, tensor('more', [1], location)]]]])]);

/** Every place of a model in which a tensor can be. */
const PLACES: Readonly<Record<string, (tensor: Fields) => Parameters<typeof textModel>[0]>> = {
  initializer: (one) => ({ graph: [[5, one]] }),
  'attribute of a node': (one) => ({
    graph: [
      [
        1,
        constant([
          [1, 'value'],
          [5, one],
          [20, 4],
        ]),
      ],
    ],
  }),
  'list in an attribute': (one) => ({
    graph: [
      [
        1,
        constant([
          [1, 'values'],
          [10, one],
          [20, 9],
        ]),
      ],
    ],
  }),
  subgraph: (one) => ({
    graph: [
      [
        1,
        constant([
          [1, 'then_branch'],
          [6, [[5, one]]],
          [20, 5],
        ]),
      ],
    ],
  }),
  'list of subgraphs': (one) => ({
    graph: [
      [
        1,
        constant([
          [1, 'graphs'],
          [11, [[5, one]]],
          [20, 10],
        ]),
      ],
    ],
  }),
  'sparse initializer': (one) => ({
    graph: [
      [
        15,
        [
          [1, one],
          [3, 1],
        ],
      ],
    ],
  }),
  'indices of a sparse initializer': (one) => ({
    graph: [
      [
        15,
        [
          [1, tensor('s', [1])],
          [2, one],
          [3, 1],
        ],
      ],
    ],
  }),
  'sparse attribute': (one) => ({
    graph: [
      [
        1,
        constant([
          [1, 'sparse_value'],
          [22, [[1, one]]],
          [20, 11],
        ]),
      ],
    ],
  }),
  'sparse list': (one) => ({
    graph: [
      [
        1,
        constant([
          [1, 'sparse'],
          [23, [[1, one]]],
          [20, 12],
        ]),
      ],
    ],
  }),
  function: (one) => ({
    model: [
      [
        25,
        [
          [1, 'F'],
          [
            7,
            constant([
              [1, 'value'],
              [5, one],
              [20, 4],
            ]),
          ],
        ],
      ],
    ],
  }),
  'default of a function': (one) => ({
    model: [
      [
        25,
        [
          [1, 'F'],
          [
            11,
            [
              [1, 'value'],
              [5, one],
              [20, 4],
            ],
          ],
        ],
      ],
    ],
  }),
  training: (one) => ({ model: [[20, [[1, [[5, one]]]]]] }),
};
const constant = (attribute: Fields): Fields => [
  [2, 'unused'],
  [4, 'Constant'],
  [5, attribute],
];

/** Paths, and what is there, without following links. */
const treeOf = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => {
      const path = join(directory, name);
      const stat = lstatSync(path);
      if (stat.isSymbolicLink()) return `${name} -> ${readlinkSync(path)}`;
      return stat.isFile() ? `${name} ${stat.mtimeMs} ${readFileSync(path, 'base64')}` : name;
    })
    .toSorted();

/** Watches what is done with files of `outside`. @returns something to run work under, which gives their paths */
const watchOutside = () => {
  let touched: string[] = [];
  const note = (path: unknown): void => {
    try {
      const real = realpathSync(String(path));
      if (real.startsWith(join(root, 'outside') + sep)) touched.push(real);
    } catch {
      // Nothing is there to be touched.
    }
  };
  const watch = (module: object, names: readonly string[]): void => {
    for (const name of names) {
      const real = (module as Record<string, (...args: unknown[]) => unknown>)[name];
      jest.spyOn(module as never, name as never).mockImplementation(((...args: unknown[]) => {
        note(args[0]);
        return real?.(...args);
      }) as never);
    }
  };
  watch(fs, ['readFileSync', 'openSync', 'readdirSync', 'writeFileSync', 'rmSync']);
  watch(promises, ['readFile', 'open', 'copyFile', 'cp', 'rm', 'rename', 'writeFile']);
  return async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    touched = [];
    await work();
    return touched;
  };
};

const INSIDE = [
  'data.bin',
  './data.bin',
  'sub/data.bin',
  'link-in',
  'dir-in/data.bin',
  'constructor',
  'with space.bin',
];
const OUTSIDE = [
  ...['../../../outside/secret.bin', 'sub/../data.bin', '..', 'link-out', 'link-to-link', 'absolute-out'],
  ...['dir-out/secret.bin', 'dir-out/below/secret.bin', '..\\..\\..\\outside\\secret.bin', 'sub\\data.bin'],
  ...['', 'data.bin\0', '\0', '/etc/hostname', 'C:data.bin', 'c:/data.bin', '.', 'sub', 'dir-out', 'round'],
  ...['*/_ORT_MEM_ADDR_/*', 'dangling', 'nowhere.bin', '__proto__', 'data.bin/x'],
];
const SEGMENTS = [
  '..',
  '.',
  '',
  'sub',
  'outside',
  'secret.bin',
  'data.bin',
  'dir-out',
  'dir-in',
  'link-out',
  '1',
  'demo',
];
const anyName = fc.oneof(
  fc.constantFrom(...INSIDE),
  fc.constantFrom(...OUTSIDE),
  fc.array(fc.constantFrom(...SEGMENTS), { minLength: 1, maxLength: 7 }).map((parts) => parts.join('/')),
  fc.string(),
);

/** Whether it was taken. Any error but one of the model is one of ours. */
const taken = async (work: () => Promise<unknown>): Promise<boolean> => {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof ModelError) return false;
    throw error;
  }
};
const model = () => {
  const { models, faults } = modelsBelow(join(root, 'models'));
  const [only] = models;
  if (only === undefined) throw faults[0]?.error ?? new Error('no model');
  return only;
};
const target = () => join(root, 'target');
const build = () => prepareModel(model(), target());
const load = async () => {
  const { release } = await loadSklearn(model());
  await release?.();
};

describe('a file that a model names', () => {
  it.each(INSIDE)('may be %j, in its folder', async (name) => {
    sklearn(textModel({ location: name }));
    await load();
    await build();
    // What is built has files only, and answers as its folder does.
    rmSync(join(root, 'models'), { recursive: true });
    cpSync(target(), folder, { recursive: true });
    const [said] = await (await loadSklearn(model())).classify(['yes']);
    expect(said).toEqual({ labels: [{ label: 'yes', score: 0.75 }] });
    expect(treeOf(target()).filter((line) => line.includes('->'))).toEqual([]);
  });

  it.each(OUTSIDE)('may not be %j', async (name) => {
    sklearn(textModel({ location: name }));
    await expect(build()).rejects.toThrow(ModelError);
    await expect(build()).rejects.toThrow(
      /demo\/1\/graph.onnx (names the file ".*", |has weights in .*not found)/,
    );
    await expect(load()).rejects.toThrow(
      /demo\/1\/graph.onnx (names the file ".*", |has weights in .*not found)/,
    );
  });

  it.each(Object.keys(PLACES))('is looked for in every %s', async (place) => {
    sklearn(textModel(PLACES[place]?.(tensor('c', [1], '../../../outside/secret.bin'))));
    const message = 'names the file "../../../outside/secret.bin", which points outside its folder';
    await expect(build()).rejects.toThrow(message);
    await expect(load()).rejects.toThrow(message);
    sklearn(textModel(PLACES[place]?.(tensor('c', [1], 'sub/data.bin'))));
    await build();
    expect(treeOf(target()).some((line) => line.startsWith('sub/data.bin '))).toBe(true);
  });

  it('is found where its entry says its key twice, of which the last counts', async () => {
    const location = [
      [1, 'length'],
      [1, 'location'],
      [2, '../../../outside/secret.bin'],
    ] as const;
    sklearn(
      textModel({
        graph: [
          [
            5,
            [
              [2, 1],
              [8, 'c'],
              [13, location],
              [14, 1],
            ],
          ],
        ],
      }),
    );
    await expect(build()).rejects.toThrow(/names the file "..\/..\/..\/outside\/secret.bin"/);
  });

  it('cannot hide behind a tag that is too large, or deep down', async () => {
    const hidden = proto([[5, tensor('c', [1], '../../../outside/secret.bin')]]);
    // The tag of the graph, 7 × 8 + 2, and a bit that readers of 32 bits drop.
    const tag = Buffer.from([0xba, 0x80, 0x80, 0x80, 0x10]);
    sklearn(Buffer.concat([textModel(), tag, Buffer.from([hidden.length]), hidden]));
    await expect(build()).rejects.toThrow(/graph.onnx is not a graph that .*a number that is too large/);
    let graph: Fields = [[5, tensor('c', [1], '../../../outside/secret.bin')]];
    for (let level = 0; level < 5_000; level += 1) graph = [[1, [[5, [[6, proto(graph)]]]]]];
    sklearn(textModel({ graph }));
    await expect(build()).rejects.toThrow(/graph.onnx is not a graph that .*nested deeper than 100/);
  });

  it('is no pointer to what Git LFS has', async () => {
    sklearn(Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4\n'));
    await expect(build()).rejects.toThrow(
      /it is a pointer of Git LFS; fetch the file itself with `git lfs pull`/,
    );
  });

  it('is refused as a graph, a tokenizer or a manifest, too, where a link points outside', async () => {
    const linkOut = (file: string) => {
      transformer('data.bin');
      writeFileSync(join(root, 'outside', file), readFileSync(join(folder, file)));
      rmSync(join(folder, file));
      symlinkSync(join(root, 'outside', file), join(folder, file));
    };
    for (const file of ['model.onnx', 'tokenizer.json', 'config.json', 'tokenizer_config.json']) {
      linkOut(file);
      await expect(build()).rejects.toThrow(
        `names the file "${file}", a link that points outside the folder`,
      );
      await expect(loadTransformer(model())).rejects.toThrow(
        `names the file "${file}", a link that points outside`,
      );
    }
    linkOut('model.json');
    expect(() => model()).toThrow('names the file "model.json", a link that points outside');
  });

  it('never has anything else read, written or removed, wherever it is named', async () => {
    const before = treeOf(join(root, 'outside'));
    const touchedBy = watchOutside();
    let accepted = 0;
    const check = async (work: () => Promise<unknown>): Promise<void> => {
      const own = treeOf(folder);
      rmSync(target(), { recursive: true, force: true });
      mkdirSync(target());
      const touched = await touchedBy(async () => {
        if (await taken(work)) accepted += 1;
      });
      expect(touched).toEqual([]);
      expect(treeOf(join(root, 'outside'))).toEqual(before);
      expect(treeOf(folder)).toEqual(own);
      const built = treeOf(target()).join('\n');
      expect(built).not.toContain('->');
      expect(built).not.toContain(Buffer.from(SECRET).toString('base64'));
    };
    await fc.assert(
      fc.asyncProperty(anyName, fc.constantFrom(...Object.keys(PLACES)), async (name, place) => {
        sklearn(textModel(PLACES[place]?.(tensor('c', [1], name))));
        await check(build);
        await check(load);
        transformer(name);
        await check(build);
        sklearn(textModel(), name);
        await check(build);
        transformer('data.bin', name);
        await check(build);
      }),
      { numRuns: 60 },
    );
    expect(accepted).toBeGreaterThan(10);
  }, 120_000);
});
