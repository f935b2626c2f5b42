import { must, PermanentError, TransientError } from '../errors.ts';
import { coalesce } from './coalesce.ts';
import { type Deadline, LAST_RESERVE, pace } from './deadline.ts';
import type { Document } from './items/document.ts';
import { forwardWrites, type Forwarding } from './forward/forward-labels.ts';
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
  /** Where labels are forwarded to; nowhere without it. */
  readonly forwarding?: Forwarding | undefined;
  /** Remembers texts that were being classified when an environment ended. */
  readonly inFlight?: InFlight;
  readonly settings: LabelBatchSettings;
}

export interface LabelBatchSettings extends ParseSettings, UnpackLimits {
  /** Documents classified and stored between two checks of the remaining time. */
  readonly chunkSize: number;
  /** Time kept back for storing rejects and answering, in ms. */
  readonly deadlineMarginMs: number;
}

/** The document that was chosen for its item, and its index in the batch. */
type Current = { readonly index: number; readonly document: Document };

export interface LabelledBatch {
  /** The user records: the records of the stream, or those within their aggregates. */
  readonly records: readonly UserRecord[];
  /** One per record of `records`, in their order. */
  readonly outcomes: readonly Outcome[];
}

/**
 * Labels a batch: unpack, decode, document, coalesce, classify, store, forward. Rejects are stored before they count as
 * done.
 *
 * @param batch the records of the stream, in its order
 */
export const labelBatch = async (
  batch: readonly StreamRecord[],
  { models, labels, rejects, forwarding, inFlight = NOT_WATCHED, settings: given }: LabelBatchParts,
  deadline: Deadline,
  meter: Meter = UNMETERED,
): Promise<LabelledBatch> => {
  const settings = { ...given, forwards: forwarding !== undefined };
  const records = unpack(batch, settings);
  const parse = () => meter.step('decode', async () => parseBatch(records, models, settings, deadline));
  // Reading a batch is synchronous: a name stands for one version in all of it.
  await models.renew?.();
  const read = await parse();
  const parsed = (await models.renew?.()) === true ? await parse() : read;
  const successors = coalesce(parsed);
  const results = parsed.map(({ verdict }): Outcome | undefined =>
    verdict.kind === 'document' ? undefined : verdict,
  );
  const current = parsed.flatMap(({ verdict }, index) =>
    verdict.kind === 'document' && successors[index] === index
      ? [{ index, document: rejectIfGuilty(verdict.document, inFlight) }]
      : [],
  );

  const signal = deadline.signal(settings.deadlineMarginMs);
  const hasTime = pace(deadline, settings.deadlineMarginMs);
  const changedAt = new Map(
    current.map(({ index, document }) => [document, parsed[index]?.createdMicros] as const),
  );
  const forward = forwarding && forwardWrites(forwarding, settings, changedAt, { signal }, meter);
  for (const chunk of chunksOf(current, settings.chunkSize, inFlight)) {
    if (!hasTime()) break;
    const labelled = await labelDocuments(
      chunk.map(({ document }) => document),
      models,
      labels,
      signal,
      meter,
      inFlight,
      forward,
    );
    for (const [position, { index }] of chunk.entries()) results[index] = labelled[position];
  }

  const resolved = records.map((_, index): Outcome => {
    const successor = successors[index] ?? index;
    const error = parsed[index]?.error;
    // A reject is stored even if a newer change supersedes it: it is the only trace of the record.
    if (error !== undefined && successor !== index) return { kind: 'rejected', error };
    return resolveSuperseded(results[successor], successor === index);
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

/** Rejects a text that was alone in work each time the environment ended: it is not tried again. */
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
 * Documents in chunks. Those with the same models follow each other, so that a model that does not fit into memory
 * together with the others is loaded once a batch. Texts that were in work when an environment ended come last and one
 * by one: the others are done by then, and if the environment ends again, the text at fault is known.
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

/** The outcome of a record: a superseded one has failed where the record that supersedes it has failed. */
const resolveSuperseded = (outcome: Outcome | undefined, isCurrent: boolean): Outcome => {
  if (outcome === undefined)
    return { kind: 'failed', error: new TransientError('not reached in this invocation') };
  return isCurrent || outcome.kind === 'failed' ? outcome : { kind: 'superseded' };
};
