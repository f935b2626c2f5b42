import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { modelsBelow } from '../../src/models/sources/directory.ts';
import type { ModelFolder } from '../../src/models/folder/model-folder.ts';
import type { TextInput } from '../../src/tasks/text-classification.ts';

/** Tiny transformers with random weights, made by the script there. */
export const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'transformers');

export type FixtureName = 'bert' | 'roberta';

/** What transformers and the Rust tokenizers made of a text. */
export interface Expected {
  readonly input: TextInput;
  readonly ids: readonly number[];
  readonly types: readonly number[];
  readonly truncated: boolean;
  readonly logits: readonly number[];
}

export const expectedOf = (name: FixtureName): readonly Expected[] => {
  const rows: readonly (Omit<Expected, 'input'> & { text: string | [string, string]; times: number })[] =
    JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8'));
  return rows.map(({ text, times, ...expected }) => ({
    ...expected,
    input: typeof text === 'string' ? text.repeat(times) : { text: text[0], textPair: text[1] },
  }));
};

/** A copy of a fixture, to be edited. */
export interface Copy {
  readonly directory: string;
  readonly folder: string;
  edit(file: string, change: Record<string, unknown>): void;
  write(file: string, content: string | Buffer): void;
  /** A file of the fixtures as the copy's graph, or as another file of it. */
  useGraph(name: string, as?: string): void;
  remove(file: string): void;
  move(file: string, to: string): void;
  model(): ModelFolder;
  release(): void;
}

/** @param options a manifest, where there is to be one */
export const copyOf = (fixture: FixtureName, manifest?: Record<string, unknown>): Copy => {
  const directory = mkdtempSync(join(tmpdir(), 'labelstream-transformer-'));
  const folder = join(directory, fixture, '1');
  cpSync(join(FIXTURES, fixture, '1'), folder, { recursive: true });
  const path = (file: string): string => join(folder, file);
  const copy: Copy = {
    directory,
    folder,
    edit: (file, change) => {
      const content = Object.assign(JSON.parse(readFileSync(path(file), 'utf8')), change);
      writeFileSync(path(file), JSON.stringify(content));
    },
    write: (file, content) => {
      mkdirSync(dirname(path(file)), { recursive: true });
      writeFileSync(path(file), content);
    },
    useGraph: (name, as = 'model.onnx') => copy.write(as, readFileSync(join(FIXTURES, name))),
    remove: (file) => rmSync(path(file)),
    move: (file, to) => {
      copy.write(to, readFileSync(path(file)));
      copy.remove(file);
    },
    model: () => {
      const { models, faults } = modelsBelow(directory);
      const [model] = models;
      if (model === undefined) throw faults[0]?.error ?? new Error(`no model in ${directory}`);
      return model;
    },
    release: () => rmSync(directory, { recursive: true }),
  };
  if (manifest !== undefined) copy.write('model.json', JSON.stringify(manifest));
  return copy;
};
