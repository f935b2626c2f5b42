import { TOY } from '../../src/tools/chaos/histories/toy-models.ts';
import type { Document } from '../../src/pipeline/items/document.ts';
import { sha256 } from '../../src/tasks/content-hash.ts';
import type { LabelAnswer } from '../../src/tasks/label-scores.ts';
import type { Model } from '../../src/tasks/model.ts';
import type { LabelWrite } from '../../src/pipeline/destinations.ts';

export const TABLE = 'documents';
export const MODEL = TOY;

/** A document as the pipeline makes it of an item with this id and text. */
export const document = (id: string, text: string, model: Model = MODEL): Document => ({
  item: { name: `${TABLE}{"id":{"S":"${id}"}}`, keys: { id: { S: id } } },
  holds: [{ path: ['text'], value: { S: text } }],
  input: text,
  hash: sha256(text),
  models: [model],
});

/** What these models say of a text, to be written in one go. */
export const labelsWrite = (
  id: string,
  text: string,
  answers: readonly (readonly [Model, LabelAnswer])[],
): LabelWrite => ({
  document: { ...document(id, text), models: answers.map(([model]) => model) },
  labels: answers.map(([model, answer]) => ({ model, answer })),
});

/** An answer of one label. */
export const answer = (label: string, other: Partial<LabelAnswer> = {}): LabelAnswer => ({
  labels: [{ label, score: 0.75 }],
  ...other,
});

/** A label to write for an item with this id, if it holds this text. */
export const labelWrite = (id: string, text: string, label: string, model: Model = MODEL): LabelWrite =>
  labelsWrite(id, text, [[model, answer(label)]]);

/** An item that holds a text and bears its label, `x`, by the default model. */
export const labelledItem = (text: string) => ({
  text: { S: text },
  label: { S: 'x' },
  label_model: { S: MODEL.id },
  label_hash: { S: sha256(text) },
});
