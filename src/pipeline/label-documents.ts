import { TransientError } from '../errors.ts';
import { type Classification, classify } from './classify.ts';
import type { Document } from './document.ts';
import type { Meter } from './meter.ts';
import type { Models } from './model.ts';
import { type Failed, failure, type Outcome, type Rejected, worstOf } from './outcome.ts';
import type { LabelStore, LabelWrite, ModelLabel } from './store.ts';

/**
 * Classifies documents and stores their labels, all of a document in one write. Where a model has no answer for a
 * text, the labels of the others are written all the same, and the document ends as the one that is worst off.
 *
 * @returns one outcome per document, in their order
 */
export const labelDocuments = async (
  documents: readonly Document[],
  models: Models,
  labels: LabelStore,
  signal: AbortSignal,
  meter: Meter,
): Promise<readonly Outcome[]> => {
  const classifications = await meter.step('classify', () => classify(documents, models, meter));
  const writes: LabelWrite[] = [];
  const pending = documents.map((document, index) => {
    const { answered, failures } = sorted(document, classifications[index] ?? []);
    const write = answered.length > 0 ? writes.push({ document, labels: answered }) - 1 : undefined;
    return { failures, write };
  });
  const options = { signal, onRetry: (calls: number) => meter.retries(calls) };
  const written = await meter.step('store', () => labels.put(writes, options));
  return pending.map(({ failures, write }) =>
    worstOf<Outcome>([
      ...failures,
      ...(write === undefined ? [] : [written[write] ?? failure(missing('write result'))]),
    ]),
  );
};

/** The answers of a document's models, and what became of the others. */
const sorted = ({ models }: Document, classifications: readonly Classification[]) => {
  const answered: ModelLabel[] = [];
  const failures: (Rejected | Failed)[] = [];
  for (const [index, model] of models.entries()) {
    const classification = classifications[index] ?? { error: missing('classification') };
    if ('error' in classification) failures.push(failure(classification.error));
    else if (classification.labels.length === 0) failures.push(failure(missing('label')));
    else answered.push({ model, answer: classification });
  }
  return { answered, failures };
};

/** Results align with what was asked; one that is not there has failed. */
const missing = (what: string): TransientError => new TransientError(`a document got no ${what}`);
