import { PermanentError, TransientError } from '../../src/errors.ts';
import type { Deadline, LabelBatchSettings } from '../../src/pipeline/label-batch.ts';
import type { Classifier, Models } from '../../src/pipeline/model.ts';
import type { LabelStore, LabelWrite, Reject, RejectStore, WriteResult } from '../../src/pipeline/store.ts';
import { textAttribute } from '../../src/pipeline/text.ts';
import { MODEL, TABLE } from './documents.ts';

export const SETTINGS: LabelBatchSettings = {
  table: TABLE,
  keyAttributes: ['id'],
  textAttributes: [
    textAttribute('text'),
    textAttribute('textblob', 'json'),
    textAttribute('message.body'),
    textAttribute('parts[1].text'),
  ],
  modelAttribute: 'model_type',
  maxTextCharacters: 100,
  chunkSize: 2,
  deadlineMarginMs: 100,
};

export const NO_DEADLINE: Deadline = {
  remainingMs: () => 60_000,
  signal: () => new AbortController().signal,
};

/** A model that labels a text with its length, and counts the texts it is given. */
export const toyModels = (): Models & { readonly texts: string[]; failing: boolean } => {
  const texts: string[] = [];
  const toy: Classifier = {
    ...MODEL,
    classify: async (batch) => {
      if (models.failing) throw new Error('out of memory');
      texts.push(...batch);
      return batch.map((text) =>
        text === 'NaN'
          ? { error: new PermanentError('bad-score', 'not a number') }
          : { labels: [{ label: `length-${text.length}`, score: 0.5 }] },
      );
    },
  };
  const models = {
    texts,
    failing: false,
    resolve: (name = 'toy') => {
      if (name === 'toy' || name === 'toy@1') return MODEL;
      throw new PermanentError('unknown-model', 'no such model');
    },
    load: async () => toy,
  };
  return models;
};

/** A label store in memory; `answer` may decide about a write before it is stored. */
export const memoryLabels = (answer: (write: LabelWrite) => WriteResult | undefined = () => undefined) => {
  const labels = new Map<string, string>();
  const store: LabelStore = {
    put: async (writes) =>
      writes.map((write) => {
        const result = answer(write) ?? { kind: 'labelled' };
        if (result.kind === 'labelled') labels.set(write.document.item.name, write.label.label);
        return result;
      }),
  };
  return { ...store, labels };
};

/** A reject store in memory, which may be out of order. */
export const memoryRejects = (): RejectStore & { readonly rejects: Reject[]; failing: boolean } => {
  const store = {
    rejects: [] as Reject[],
    failing: false,
    put: async (rejects: readonly Reject[]) => {
      if (store.failing) throw new TransientError('throttled');
      store.rejects.push(...rejects);
    },
  };
  return store;
};
