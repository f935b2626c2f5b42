import { join } from 'node:path';
import { costOfRun } from '../../costs/ingest-cost.ts';
import { defaultStream } from '../../costs/deployed-stream.ts';
import { surveyInput } from '../input/survey.ts';
import { checkLabelColumn } from '../input/label-column.ts';
import { checkInput, type CheckedInput, type StageInput } from './checked-input.ts';
import { itemFactory } from './items.ts';
import { foundLabels } from './label-ledger.ts';
import { readFunctionLog } from './function-log.ts';
import { labelReader } from './label-lookup.ts';
import { type Progress, progressFile } from './progress-file.ts';
import { measuredOr, type StageReport } from './stage-report.ts';
import { openLiveStage, type LiveStage } from './live-settings.ts';
import { verifyLabels } from './verify-labels.ts';
import { type RecordProgress, recordTimeline, type Timed } from '../timeline.ts';
import { watch } from './watch.ts';
import { itemWriter } from './write.ts';
import { readWriteUnits } from './write-units.ts';

export interface StageIngestOptions extends StageInput {
  readonly stage: string;
  readonly region?: string | undefined;
  /** Seconds without a new label after which it stops waiting. */
  readonly patience: number;
  /** Seconds to wait for the function's log to be whole. */
  readonly logWait?: number;
  /** Receives once the table and the progress of an earlier run, before anything is written. */
  readonly onStart: (start: {
    readonly place: string;
    readonly records: number;
    readonly written: number;
    readonly progressFile: string;
    /** Until now. */
    readonly timeline: () => readonly Timed<RecordProgress>[];
  }) => void;
  readonly onProgress: (progress: { readonly produced: number; readonly done: number }) => void;
}

/** Items between two saves of the progress: at most this many are written again after Ctrl-C, under the same keys. */
const CHUNK = 500;

/**
 * Writes messages into a deployed stage's table, waits for their labels and checks every one. Items that an earlier run
 * of the same input has written are not written again.
 *
 * @param root the project's folder
 * @throws UserError, before anything is written unless AWS stops accepting items
 */
export const ingestIntoStage = async (root: string, options: StageIngestOptions): Promise<StageReport> => {
  const { stage: name, region, patience, onStart, onProgress, logWait = 30, ...given } = options;
  await using stack = new AsyncDisposableStack();
  const input = await checkInput(given);
  const stage = stack.adopt(await openLiveStage({ root, stage: name, region }), async ({ close }) => close());
  const { config } = stage;
  if (given.input !== undefined && given.labelColumn !== undefined && stage.models !== undefined) {
    const survey = await surveyInput({ ...given, input: given.input });
    const models = { folder: join(root, 'models'), names: config.MODEL };
    await checkLabelColumn(survey, given.labelColumn, models);
  }
  const expected = itemFactory(stage, input.digest);
  const found = await foundLabels(input, expected);
  const ingest = { stackId: stage.stackId, digest: input.digest, records: input.records };
  const file = progressFile(root, name, ingest);
  const before = await file.load();
  let progress: Progress = before ?? { ...ingest, written: 0, startedAt: Date.now() };
  const reader = labelReader(stage.dynamodb, {
    table: config.DOCUMENTS_TABLE,
    ...found.source,
    labelsTable: config.LABEL_STORE === 'labels-table' ? config.LABELS_TABLE : undefined,
  });
  let done = 0;
  const timeline = recordTimeline(() => ({ produced: progress.written, done }));
  onStart({
    ...{ place: stage.place, records: input.records, written: progress.written },
    ...{ progressFile: file.path, timeline: timeline.read },
  });
  const reportProgress = () => {
    timeline.add();
    onProgress({ produced: progress.written, done });
  };
  const from = performance.now();
  const stop = new AbortController();
  const watching = watch({
    records: input.records,
    written: () => progress.written,
    isExpected: found.isExpected,
    look: async (positions) => {
      const labels = await reader(positions.map(found.wanted));
      positions.forEach((position, index) => found.note(position, labels[index]));
      return labels.map((label) => label !== undefined);
    },
    patienceSeconds: patience,
    signal: stop.signal,
    onLabelled: (count) => {
      done = count;
      reportProgress();
    },
  });
  const writing = write(stage, input, expected.at, progress, async (written) => {
    progress = { ...progress, written };
    await file.save(progress);
    reportProgress();
  });
  // The first of the two that fails ends both; its error is reported.
  watching.catch(() => undefined);
  writing.catch(() => stop.abort());
  const [, { missing, reads }] = await Promise.all([writing, watching]);
  const seconds = (performance.now() - from) / 1000;
  const moments = timeline.read();

  const check = await verifyLabels({ read: input.read, at: expected.at, found: found.at }, stage.models);
  const log = await measuredOr('log', () =>
    readFunctionLog(stage.logs, {
      functionName: stage.functionName,
      memoryMB: stage.memoryMB,
      from: progress.startedAt,
      records: input.records - missing.length,
      waitSeconds: logWait,
    }),
  );
  const units = await measuredOr('write units', () =>
    readWriteUnits(stage.cloudwatch, config.DOCUMENTS_TABLE, progress.startedAt),
  );
  const stream = await measuredOr('stream, for costs', stage.stream);
  if (missing.length === 0) await file.remove();
  const run = log.value;
  return {
    stage: name,
    records: input.records,
    items: progress.written,
    resumedAt: before?.written ?? null,
    lost: missing.length,
    rejectable: found.rejectable,
    rejects: found.rejects,
    ...check,
    seconds: Math.round(seconds * 1000) / 1000,
    recordsPerSecond: Math.round((input.records - (before?.written ?? 0)) / seconds),
    timeline: moments,
    reads,
    model: found.models().join(', ') || config.MODEL.join(', '),
    log: run ?? null,
    writeUnits: units.value ?? null,
    missing: [...log.missing, ...units.missing, ...stream.missing],
    cost:
      run === undefined || run.invocations === 0
        ? null
        : costOfRun(
            {
              records: input.records,
              invocations: run.invocations,
              billedMs: run.billedMs,
              memoryMB: stage.memoryMB,
              writes: run.counts.labelled + run.counts.unchanged + run.counts.rejected,
            },
            {
              architecture: stage.architecture,
              asConfigured: true,
              stream: stream.value ?? (await defaultStream(root)),
              labelStore: config.LABEL_STORE,
              textLength: input.textLength,
            },
          ),
  };
};

const write = async (
  stage: LiveStage,
  input: CheckedInput,
  at: ReturnType<typeof itemFactory>['at'],
  { written: start }: Progress,
  onWritten: (written: number) => Promise<void>,
): Promise<void> => {
  const put = itemWriter(stage.dynamodb, {
    table: stage.config.DOCUMENTS_TABLE,
    keys: stage.config.KEY_ATTRIBUTES,
  });
  let position = 0;
  let items: ReturnType<typeof at>['item'][] = [];
  const flush = async (): Promise<void> => {
    await put(items);
    items = [];
    await onWritten(position);
  };
  for await (const message of input.read()) {
    position += 1;
    if (position <= start) continue;
    items.push(at(position - 1, message).item);
    if (items.length === CHUNK) await flush();
  }
  if (items.length > 0) await flush();
};
