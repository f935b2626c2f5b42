import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { textModel } from './onnx.ts';
import { type Program, type ProgramRun, runProgram, spawnProgram } from './run-program.ts';

const project = join(__dirname, '../..');

const MANIFEST = { version: '1', format: 'sklearn', task: 'text-classification', labels: ['a', 'b'] };

export interface ServiceCopy {
  readonly root: string;
  /** Writes the model `name`, version 1, with one graph, and files beside it where given, by their names. */
  writeModel(name: string, graph?: Buffer, files?: Readonly<Record<string, string>>): Promise<void>;
  /** Writes the model `name`, version 1, whose weights take so many bytes (though not on the disk). */
  writeLargeModel(name: string, bytes: number): Promise<void>;
  /** Runs `serverless` in the copy, with no environment but `env`: no credentials, an empty home. */
  serverless(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<ProgramRun>;
  /** The same in a process of its own, for what a process leaves behind, and for archives as they are deployed. */
  spawnServerless(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<ProgramRun>;
  remove(): Promise<void>;
}

/** What no test changes in a copy of a copy. */
const LINKED = /^(src|layers|events|\.build\/(function|[^/]+\/runtime))$/;

export interface CopyOptions {
  /** Of the project, by name. */
  readonly models?: readonly string[];
  /** The root of a copy, to copy that with all that it has and has built, instead of the project. */
  readonly of?: string | undefined;
}

/** A copy of the service in a temporary folder, with the models that are named: packaging leaves the project alone. */
export const copyService = async ({ models = [], of }: CopyOptions = {}): Promise<ServiceCopy> => {
  const root = await mkdtemp(join(tmpdir(), 'labelstream-service-'));
  const home = join(root, '.home');
  if (of !== undefined) {
    const isLinked = (path: string) => LINKED.test(relative(of, path).replaceAll(sep, '/'));
    const filter = async (from: string, to: string) => {
      if (!isLinked(from)) return true;
      await symlink(from, to, 'junction');
      return false;
    };
    await cp(of, root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true, filter });
  } else {
    const parts = ['serverless.yml', 'package.json', 'tsconfig.json', 'src', 'layers', 'events'];
    for (const path of [...parts, ...models.map((name) => join('models', name))]) {
      await cp(join(project, path), join(root, path), { recursive: true });
    }
    await symlink(join(project, 'node_modules'), join(root, 'node_modules'), 'junction');
    await mkdir(home);
  }
  const command = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Program => ({
    file: join(root, 'node_modules/serverless/bin/serverless.js'),
    args,
    cwd: root,
    env: {
      PATH: process.env.PATH,
      TMPDIR: process.env.TMPDIR,
      HOME: home,
      USERPROFILE: home,
      SLS_SCHEMA_CACHE_BASE_DIR: process.env.SLS_SCHEMA_CACHE_BASE_DIR,
      ...env,
    },
  });
  return {
    root,
    writeModel: async (name, graph = textModel(), files = {}) => {
      const folder = join(root, 'models', name, '1');
      const sha256 = createHash('sha256').update(graph).digest('hex');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'classifier.onnx'), graph);
      for (const [file, content] of Object.entries(files)) await writeFile(join(folder, file), content);
      await writeFile(
        join(folder, 'model.json'),
        JSON.stringify({ ...MANIFEST, name, steps: [{ file: 'classifier.onnx', sha256 }] }),
      );
    },
    writeLargeModel: async (name, bytes) => {
      const folder = join(root, 'models', name, '1');
      await cp(join(project, 'test/fixtures/transformers/bert/1'), folder, { recursive: true });
      await rm(join(folder, 'model.onnx'));
      for (const file of ['external.onnx', 'external.onnx_data'])
        await cp(join(project, 'test/fixtures/transformers', file), join(folder, file));
      await truncate(join(folder, 'external.onnx_data'), bytes);
    },
    serverless: (args, env) => runProgram(command(args, env)),
    spawnServerless: (args, env) => spawnProgram(command(args, env)),
    remove: () => rm(root, { recursive: true, force: true }),
  };
};
