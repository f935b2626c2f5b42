import { PermanentError, TransientError } from '../errors.ts';
import { type Classification, classify } from './classify.ts';
import type { Document } from './items/document.ts';
import { type InFlight, NOT_WATCHED } from './in-flight.ts';
import type { Meter } from './meter.ts';
import type { Model, Models } from '../tasks/model.ts';
import { taskOf } from '../tasks/tasks.ts';
import { type Failed, failure, type Outcome, type Rejected, worstOf } from './outcome.ts';
import type { LabelStore, LabelWrite, ModelLabel, WriteResult } from './destinations.ts';

/** Forwards the labels of these writes. @returns for each write, what was not forwarded */
export type ForwardWrites = (
  writes: readonly { readonly write: LabelWrite; readonly outcome: Outcome }[],
) => Promise<readonly (readonly (Rejected | Failed)[])[]>;

const NOTHING_FORWARDED: ForwardWrites = async (writes) => writes.map(() => []);

/**
 * Classifies documents and stores the results, all of a document in one write: answers, or errors where a model gives
 * none; where a document has no input, its labels are removed. Then it forwards the labels, where that is asked for. A
 * document's outcome is the worst of its parts.
 *
 * @returns one outcome per document, in their order
 */
export const labelDocuments = async (
  documents: readonly Document[],
  models: Models,
  labels: LabelStore,
  signal: AbortSignal,
  meter: Meter,
  inFlight: InFlight = NOT_WATCHED,
  forward: ForwardWrites = NOTHING_FORWARDED,
): Promise<readonly Outcome[]> => {
  const hashes = documents.map(({ hash }) => hash);
  const watched = watchedModels(models, (work) => inFlight.during(hashes, work));
  const classifications = await meter.step('classify', () => classify(documents, watched, meter));
  const answers = documents.map((document, index) => answersFor(document, classifications[index] ?? []));
  const written = await store(documents, answers, labels, signal, meter);
  const undone = await forward(written);
  const results = new Map(
    written.map(({ index, outcome }, position) => [index, [outcome, ...(undone[position] ?? [])]]),
  );
  return answers.map(({ failures }, index) => worstOf<Outcome>([...failures, ...(results.get(index) ?? [])]));
};

/** Watches only `classify`, not `load`: loading may end an environment, too, but no text is the cause of that. */
const watchedModels = (
  models: Models,
  during: <Result>(work: () => Promise<Result>) => Promise<Result>,
): Models => ({
  resolve: models.resolve,
  load: async (id) => {
    const model = await models.load(id);
    return { ...model, classify: (inputs) => during(() => model.classify(inputs)) };
  },
});

/** The answers of a document's models, and the outcomes of those that failed. */
const answersFor = ({ input, models }: Document, classifications: readonly Classification[]) => {
  const answered: ModelLabel[] = [];
  const failures: (Rejected | Failed)[] = [];
  for (const [index, model] of models.entries()) {
    const answer = input === undefined ? undefined : complete(classifications[index], model);
    if (answer === undefined || !('error' in answer)) {
      answered.push({ model, answer });
      continue;
    }
    const { error } = answer;
    failures.push(failure(error));
    if (error instanceof PermanentError) answered.push({ model, answer: { error } });
  }
  return { answered, failures };
};

const complete = (classification: Classification | undefined, model: Model): Classification => {
  if (classification === undefined) return { error: missing('classification') };
  if ('error' in classification) return classification;
  return taskOf(model).isEmpty(classification) ? { error: missing('label') } : classification;
};

/** @returns the writes and their outcomes, with the index of their documents; a document without an answer has none */
const store = async (
  documents: readonly Document[],
  answers: readonly { readonly answered: readonly ModelLabel[] }[],
  labels: LabelStore,
  signal: AbortSignal,
  meter: Meter,
) => {
  const writes = documents.flatMap((document, index) => {
    const { answered = [] } = answers[index] ?? {};
    return answered.length === 0 ? [] : [{ index, write: { document, labels: answered } }];
  });
  const options = { signal, onRetry: (calls: number) => meter.retries(calls) };
  const results = await meter.step('store', () =>
    labels.put(
      writes.map(({ write }) => write),
      options,
    ),
  );
  return writes.map(({ index, write }, position) => ({
    ...{ index, write },
    outcome: outcomeOf(write.document, results[position] ?? failure(missing('write result'))),
  }));
};

const outcomeOf = ({ input }: Document, result: WriteResult): Outcome =>
  input === undefined && result.kind === 'labelled' ? { kind: 'cleared' } : result;

/** Results align with documents; a missing result counts as failed. */
const missing = (what: string): TransientError => new TransientError(`a document got no ${what}`);
