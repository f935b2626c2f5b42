import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonLinesLabels, type LabelLine } from '../../examples/label-store/json-lines.ts';
import type { LabelAnswer } from '../../src/tasks/label-scores.ts';
import { describeLabelStore, type FoundLabel, type StoreUnderTest } from '../contract/label-store.ts';
import { document, MODEL } from '../support/documents.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labelstream-json-lines-'));
});
afterEach(() => rm(folder, { recursive: true }));

const toFound = (answer: object): FoundLabel => {
  const { labels, by, truncated, listed, error } = answer as Partial<LabelAnswer> & { error?: string };
  return { label: labels?.[0]?.label, error, by, truncated, listed };
};

const underTest = (): StoreUnderTest => {
  const file = join(folder, 'labels.jsonl');
  const items = new Map<string, string>();
  return {
    store: jsonLinesLabels(file),
    broken: jsonLinesLabels(join(folder, 'no-such-folder', 'labels.jsonl')),
    putItem: async (id, text) => {
      items.set(id, text);
    },
    deleteItem: async (id) => {
      items.delete(id);
    },
    found: async (id, model = MODEL) => {
      const { item, hash } = document(id, items.get(id) ?? '');
      const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
      const line = lines
        .map((text): LabelLine => JSON.parse(text))
        .findLast((one) => one.item === item.name && one.model === model.id && one.hash === hash);
      return line && toFound(line.answer);
    },
    ids: async () => [...items.keys()],
  };
};

describeLabelStore('json-lines of examples/label-store', async () => underTest());
