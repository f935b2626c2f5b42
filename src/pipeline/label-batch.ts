import { PermanentError, TransientError } from '../errors.ts';
import { type Change, coalesce } from './coalesce.ts';
import { type ChangeRecord, decode } from './decode.ts';
import {
  type Document,
  type DocumentSettings,
  type ItemRef,
  itemOf,
  type Verdict,
  verdictOf,
} from './document.ts';
import { labelDocuments } from './label-documents.ts';
import { type Meter, UNMETERED } from './meter.ts';
import type { Models } from './model.ts';
import type { Outcome, Rejected } from './outcome.ts';
import { quarantine } from './quarantine.ts';
import type { LabelStore, RejectStore } from './store.ts';
import { standalone, type UserRecord } from './unpack.ts';

/** How long the invocation may go on. */
export interface Deadline {
  remainingMs(): number;
  /** A signal that aborts when no more than `marginMs` remain. */
  signal(marginMs: number): AbortSignal;
}

export interface LabelBatchParts {
  readonly models: Models;
  readonly labels: LabelStore;
  readonly rejects: RejectStore;
  readonly settings: LabelBatchSettings;
}

export interface LabelBatchSettings extends DocumentSettings {
  /** Documents classified and stored between two looks at the clock. */
  readonly chunkSize: number;
  /** Time kept back for storing rejects and answering, in ms. */
  readonly deadlineMarginMs: number;
}

/** A document that stands for its item, and where in the batch it is. */
type Current = { readonly index: number; readonly document: Document };

type Parsed = Change & { readonly verdict: Verdict | Rejected };

/**
 * Labels a batch: decode, document, coalesce, classify, store. Rejects are stored before they count as done.
 *
 * @returns one outcome per record, in the order of the records
 */
export const labelBatch = async (
  records: readonly UserRecord[],
  { models, labels, rejects, settings }: LabelBatchParts,
  deadline: Deadline,
  meter: Meter = UNMETERED,
): Promise<readonly Outcome[]> => {
  const parsed = await meter.step('decode', async () =>
    records.map((record) => parse(record, models, settings)),
  );
  const standIns = coalesce(parsed);
  const results = parsed.map(({ verdict }): Outcome | undefined =>
    verdict.kind === 'document' ? undefined : verdict,
  );
  const current = byModels(
    parsed.flatMap(({ verdict }, index) =>
      verdict.kind === 'document' && standIns[index] === index ? [{ index, document: verdict.document }] : [],
    ),
  );

  const signal = deadline.signal(settings.deadlineMarginMs);
  const hasTime = pace(deadline, settings.deadlineMarginMs);
  for (let start = 0; start < current.length && hasTime(); start += settings.chunkSize) {
    const chunk = current.slice(start, start + settings.chunkSize);
    const labelled = await labelDocuments(
      chunk.map(({ document }) => document),
      models,
      labels,
      signal,
      meter,
    );
    for (const [position, { index }] of chunk.entries()) results[index] = labelled[position];
  }

  // A reject is kept whatever became of its item: nobody else would tell of it.
  const settled = standIns.map((standIn, index) =>
    parsed[index]?.verdict.kind === 'rejected'
      ? settle(results[index], true)
      : settle(results[standIn], standIn === index),
  );
  return meter.step('quarantine', () =>
    quarantine<Outcome>(
      settled,
      (index) => standalone(records[index] as UserRecord),
      rejects,
      deadline.signal(settings.deadlineMarginMs / 4),
    ),
  );
};

const parse = ({ content, partitionKey }: UserRecord, models: Models, settings: DocumentSettings): Parsed => {
  let change: ChangeRecord | undefined;
  let item: ItemRef | undefined;
  let verdict: Parsed['verdict'];
  try {
    if (content instanceof PermanentError) throw content;
    change = decode(content);
    item = itemOf(change, partitionKey, settings);
    verdict = verdictOf(change, item, models, settings);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    verdict = { kind: 'rejected', error };
  }
  return {
    item: item?.name,
    createdMicros: change?.createdMicros,
    changeNumber: change?.changeNumber,
    content: verdict.kind === 'document' ? verdict.document : undefined,
    verdict,
  };
};

/** Says whether there is time for another chunk as slow as the slowest so far. */
const pace = ({ remainingMs }: Deadline, marginMs: number): (() => boolean) => {
  let before = remainingMs();
  let slowest = 0;
  return () => {
    const now = remainingMs();
    slowest = Math.max(slowest, before - now);
    before = now;
    return now > marginMs + slowest;
  };
};

/**
 * Documents that ask the same models, one after the other: a model for which memory has no room beside the others is
 * loaded once a batch. Where all ask the same, they stay in the order of the batch.
 */
const byModels = (current: readonly Current[]): readonly Current[] =>
  [...Map.groupBy(current, ({ document }) => document.models.map(({ id }) => id).join(' ')).values()].flat();

/** A superseded record shares the fate of the one that stands for it: it is done when that one is. */
const settle = (outcome: Outcome | undefined, standsForItself: boolean): Outcome => {
  if (outcome === undefined)
    return { kind: 'failed', error: new TransientError('not reached before the deadline') };
  return standsForItself || outcome.kind === 'failed' ? outcome : { kind: 'superseded' };
};
