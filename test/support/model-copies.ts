import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MODELS = join(import.meta.dirname, '..', '..', 'models');

export interface ModelCopies {
  readonly folder: string;
  /** Adds the shipped model under another name, with other fields of its manifest where given. */
  add(name: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Adds a folder with a manifest and nothing else. */
  addManifest(name: string, manifest: Readonly<Record<string, unknown>>): void;
  drop(name: string): void;
  /** All of it. */
  remove(): void;
}

/** A catalogue in a temporary folder, of copies of the shipped model. */
export const modelCopies = (): ModelCopies => {
  const folder = mkdtempSync(join(tmpdir(), 'labelstream-catalogue-'));
  const write = (name: string, manifest: Readonly<Record<string, unknown>>): void => {
    const file = join(folder, name, '1', 'model.json');
    writeFileSync(file, JSON.stringify({ ...manifest, name, version: '1' }));
  };
  return {
    folder,
    add: (name, fields = {}) => {
      const copy = join(folder, name, '1');
      cpSync(join(MODELS, 'banking77-tfidf', '1'), copy, { recursive: true });
      write(name, { ...JSON.parse(readFileSync(join(copy, 'model.json'), 'utf8')), ...fields });
    },
    addManifest: (name, manifest) => {
      mkdirSync(join(folder, name, '1'), { recursive: true });
      write(name, manifest);
    },
    drop: (name) => rmSync(join(folder, name), { recursive: true }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
