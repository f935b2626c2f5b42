import type { Document } from '../../src/pipeline/document.ts';
import { sha256 } from '../../src/pipeline/document.ts';
import type { Model } from '../../src/pipeline/model.ts';
import type { LabelWrite } from '../../src/pipeline/store.ts';

export const TABLE = 'documents';
export const MODEL: Model = { id: 'toy@1', attribute: 'label' };

/** A document as the pipeline makes it of an item with this id and text. */
export const document = (id: string, text: string, model: Model = MODEL): Document => ({
  item: { name: `${TABLE}{"id":{"S":"${id}"}}`, keys: { id: { S: id } } },
  path: ['text'],
  stored: text,
  text,
  hash: sha256(text),
  model,
});

/** A label to write for an item with this id, if it holds this text. */
export const labelWrite = (id: string, text: string, label: string, model: Model = MODEL): LabelWrite => ({
  document: document(id, text, model),
  label: { label, score: 0.75 },
});
