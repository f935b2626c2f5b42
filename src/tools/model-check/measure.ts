import { labelsOf } from '../../tasks/text-classification.ts';
import type { LabelledMessage } from '../ingest/input/input.ts';
import type { Classifier, Input, Model } from '../../tasks/model.ts';
import { inputsFor } from './texts.ts';
import { wire } from '../../wire/classify-stream.ts';
import { must } from '../../errors.ts';

type Classify = Classifier['classify'];

/** Texts a second, by batch size. */
export interface Speed {
  readonly single: number;
  readonly hundred: number;
}

export interface Accuracy {
  readonly messages: number;
  /** The share of them with the expected label, from 0 to 1. */
  readonly accuracy: number;
}

const BATCH = 100;
const WARM_UP_MS = 200;
const MEASURED_MS = 800;

/** Loads a model as the function does, on one thread. @returns the time to the first label, too */
export const openModel = async (
  modelsDir: string,
  asked: Model,
): Promise<{ readonly classify: Classify; readonly loadMs: number }> => {
  const from = performance.now();
  const { models } = await wire({
    DOCUMENTS_TABLE: 'model-check',
    REJECTS_TABLE: 'model-check',
    MODEL: asked.id,
    MODELS_DIR: modelsDir,
  });
  const { classify } = await models.load(asked.id);
  await classify(inputsFor(asked, ['How do I get started?']));
  return { classify, loadMs: performance.now() - from };
};

/** @param texts at least one; they are repeated */
export const measureSpeed = async (classify: Classify, texts: readonly Input[]): Promise<Speed> => ({
  single: await textsPerSecond(classify, texts, 1),
  hundred: await textsPerSecond(classify, texts, BATCH),
});

const textsPerSecond = async (
  classify: Classify,
  texts: readonly Input[],
  batch: number,
): Promise<number> => {
  let next = 0;
  const take = (): Input => {
    const text = must(texts[next % texts.length], 'text to measure with');
    next += 1;
    return text;
  };
  const run = async (ms: number): Promise<number> => {
    const from = performance.now();
    let done = 0;
    do {
      await classify(Array.from({ length: batch }, take));
      done += batch;
    } while (performance.now() - from < ms);
    return (done / (performance.now() - from)) * 1000;
  };
  await run(WARM_UP_MS);
  return run(MEASURED_MS);
};

/** @param messages at least one; a text that the model cannot classify counts as wrong */
export const measureAccuracy = async (
  classify: Classify,
  messages: readonly LabelledMessage[],
): Promise<Accuracy> => {
  let right = 0;
  for (let from = 0; from < messages.length; from += BATCH) {
    const some = messages.slice(from, from + BATCH);
    const predictions = await classify(some.map(({ text }) => text));
    right += predictions.filter(
      (prediction, index) =>
        !('error' in prediction) && labelsOf(prediction).labels[0]?.label === some[index]?.label,
    ).length;
  }
  return { messages: messages.length, accuracy: right / messages.length };
};
