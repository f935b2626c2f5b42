import { must, PermanentError, TransientError } from '../errors.ts';
import { coalesce } from './coalesce.ts';
import { type Deadline, LAST_RESERVE, pace } from './deadline.ts';
import type { Document } from './items/document.ts';
import { type InFlight, NOT_WATCHED } from './in-flight.ts';
import { labelDocuments } from './label-documents.ts';
import { type Meter, UNMETERED } from './meter.ts';
import type { Models } from '../tasks/model.ts';
import type { Outcome } from './outcome.ts';
import { parseBatch, type ParseSettings } from './parse-batch.ts';
import { quarantine } from './quarantine.ts';
import type { LabelStore, RejectStore } from './destinations.ts';
import type { StreamRecord } from './records/stream-record.ts';
import { standalone, unpack, type UnpackLimits, type UserRecord } from './records/unpack.ts';

export interface LabelBatchParts {
  readonly models: Models;
  readonly labels: LabelStore;
  readonly rejects: RejectStore;
  /** What is known of texts that have ended an environment. */
  readonly inFlight?: InFlight;
  readonly settings: LabelBatchSettings;
}

export interface LabelBatchSettings extends ParseSettings, UnpackLimits {
  /** Documents classified and stored between two looks at the clock. */
  readonly chunkSize: number;
  /** Time kept back for storing rejects and answering, in ms. */
  readonly deadlineMarginMs: number;
}

/** A document that stands for its item, and where in the batch it is. */
type Current = { readonly index: number; readonly document: Document };

export interface LabelledBatch {
  /** What the records of the stream brought: each of them, or those within an aggregate. */
  readonly records: readonly UserRecord[];
  /** One per record of `records`, in their order. */
  readonly outcomes: readonly Outcome[];
}

/**
 * Labels a batch: unpack, decode, document, coalesce, classify, store. Rejects are stored before they count as done.
 *
 * @param batch the records of the stream, in its order
 */
export const labelBatch = async (
  batch: readonly StreamRecord[],
  { models, labels, rejects, inFlight = NOT_WATCHED, settings }: LabelBatchParts,
  deadline: Deadline,
  meter: Meter = UNMETERED,
): Promise<LabelledBatch> => {
  const records = unpack(batch, settings);
  const parsed = await meter.step('decode', async () => parseBatch(records, models, settings, deadline));
  const standIns = coalesce(parsed);
  const results = parsed.map(({ verdict }): Outcome | undefined =>
    verdict.kind === 'document' ? undefined : verdict,
  );
  const current = parsed.flatMap(({ verdict }, index) =>
    verdict.kind === 'document' && standIns[index] === index
      ? [{ index, document: rejectIfGuilty(verdict.document, inFlight) }]
      : [],
  );

  const signal = deadline.signal(settings.deadlineMarginMs);
  const hasTime = pace(deadline, settings.deadlineMarginMs);
  for (const chunk of chunksOf(current, settings.chunkSize, inFlight)) {
    if (!hasTime()) break;
    const labelled = await labelDocuments(
      chunk.map(({ document }) => document),
      settings.task,
      models,
      labels,
      signal,
      meter,
      inFlight,
    );
    for (const [position, { index }] of chunk.entries()) results[index] = labelled[position];
  }

  const resolved = records.map((_, index): Outcome => {
    const standIn = standIns[index] ?? index;
    const error = parsed[index]?.error;
    // A reject is kept whatever became of its item: it is the only trace.
    if (error !== undefined && standIn !== index) return { kind: 'rejected', error };
    return resolveSuperseded(results[standIn], standIn === index);
  });
  const outcomes = await meter.step('quarantine', () =>
    quarantine<Outcome>(
      resolved,
      (index) => standalone(must(records[index], 'record of an outcome')),
      rejects,
      deadline.signal(settings.deadlineMarginMs * LAST_RESERVE),
    ),
  );
  return { records, outcomes };
};

/** A text with which alone the environment has ended again and again is not tried another time. */
const rejectIfGuilty = (document: Document, { suspicionOf }: InFlight): Document =>
  suspicionOf(document.hash) === 'guilty'
    ? {
        ...document,
        input: new PermanentError(
          'inference-failed',
          'the function ended more than once while it classified this text alone: by a time-out, or for want of memory',
        ),
      }
    : document;

/**
 * Documents in chunks. Those that ask the same models follow each other: a model for which memory has no room beside the
 * others is loaded once a batch. Texts that were under way when an environment ended come last and one by one, so that
 * the others are done by then, and it shows which of them it was.
 */
const chunksOf = (
  current: readonly Current[],
  chunkSize: number,
  { suspicionOf }: InFlight,
): readonly (readonly Current[])[] => {
  const isSuspect = ({ document }: Current): boolean => suspicionOf(document.hash) !== 'none';
  const sound = byModels(current.filter((one) => !isSuspect(one)));
  const chunks = Array.from({ length: Math.ceil(sound.length / chunkSize) }, (_, chunk) =>
    sound.slice(chunk * chunkSize, (chunk + 1) * chunkSize),
  );
  return [...chunks, ...current.filter(isSuspect).map((one) => [one])];
};

const byModels = (current: readonly Current[]): readonly Current[] =>
  [...Map.groupBy(current, ({ document }) => document.models.map(({ id }) => id).join(' ')).values()].flat();

/** A superseded record shares the fate of the one that stands for it: it is done when that one is. */
const resolveSuperseded = (outcome: Outcome | undefined, standsForItself: boolean): Outcome => {
  if (outcome === undefined)
    return { kind: 'failed', error: new TransientError('not reached in this invocation') };
  return standsForItself || outcome.kind === 'failed' ? outcome : { kind: 'superseded' };
};
