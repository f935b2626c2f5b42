import { documentSettings, openLabels } from '../../wire/labels.ts';
import { checkAttributes } from '../../wire/attribute-clashes.ts';
import { must } from '../../errors.ts';
import { type Consumed, countsOf } from '../../pipeline/relabel/counts.ts';
import {
  chosenOf,
  type Relabelled,
  relabelItems,
  surveyItems,
} from '../../pipeline/relabel/relabel-items.ts';
import type { Where } from '../../pipeline/relabel/survey.ts';
import { UserError } from '../user-error.ts';
import { neededAttributes } from '../../pipeline/relabel/attributes.ts';
import { capacityLimit } from '../../stores/dynamodb/capacity-limit.ts';
import { relabelCost } from '../costs/relabel-cost.ts';
import { estimateOf } from './cost.ts';
import { faultReport } from './faults.ts';
import { labelledRows } from '../../stores/labelled-rows.ts';
import { meterClient } from '../../stores/dynamodb/metered-client.ts';
import { openModel } from './model.ts';
import { type Progress, progressFile } from './progress-file.ts';
import type { RelabelReport } from './report.ts';
import { type ExportChoice, openSource } from './open-source.ts';
import { describeTable, type TableFacts } from './table.ts';
import type { RelabelTarget } from './target.ts';
import { workThrough } from './work-through.ts';

export interface RelabelOptions {
  readonly where: Where;
  /** The export to read; the table itself unless given. */
  readonly from: ExportChoice | undefined;
  readonly dryRun: boolean;
  /** Whether the model's examples are checked first. */
  readonly verify: boolean;
  /** Parts in work at a time. */
  readonly segments: number;
  /** Capacity units a second. */
  readonly limits: { readonly [access in keyof Consumed]: number | undefined };
  /** Receives what is about to be done, before anything is written. */
  readonly onStart: (start: {
    readonly table: TableFacts;
    readonly limits: Consumed;
    readonly before: Progress | undefined;
    readonly progressPath: string;
  }) => void;
  readonly onProgress: (progress: Progress) => void;
  /** Ends the work; the next run goes on. */
  readonly signal: AbortSignal;
}

/** Of what a table has provisioned this part; on demand this many units a second. */
const PART = 0.5;
const ON_DEMAND = 1_000;

const CHUNK_SIZE = 250;

/**
 * Labels the items of a table again, with a model of `models/`, while the table is in use. It is resumable: what is done
 * is kept in a file, and an item that has its label is left alone in any case.
 *
 * @param root the project's folder
 * @throws UserError before anything is written, or where an operator has to act before it can go on
 */
export const relabel = async (
  root: string,
  target: RelabelTarget,
  { where, from, dryRun, verify, segments, limits: wanted, onStart, onProgress, signal }: RelabelOptions,
): Promise<RelabelReport> => {
  const { config, dynamodb } = target;
  const table = await describeTable(dynamodb, config.DOCUMENTS_TABLE);
  const settings = { ...documentSettings(config), keyAttributes: table.keys };
  const id = must(config.MODEL[0], 'model to relabel with');
  const { model, models } = await openModel(root, id, { config, task: settings.task, verify });
  checkAttributes({ ...config, KEY_ATTRIBUTES: [...table.keys] }, [model]);
  if (settings.labelsElsewhere === true && where === 'stale') {
    throw new UserError(
      'A labels table keeps the labels of each model version beside each other, none is stale: use --where missing.',
    );
  }
  const limits = {
    read: wanted.read ?? (table.provisioned && table.provisioned.read * PART) ?? ON_DEMAND,
    write: wanted.write ?? (table.provisioned && table.provisioned.write * PART) ?? ON_DEMAND,
  };
  const meter = meterClient(
    dynamodb,
    { read: capacityLimit(limits.read), write: capacityLimit(limits.write) },
    signal,
  );
  const origin =
    from === undefined
      ? 'scan'
      : `${from.isNew ? 'new ' : ''}export s3://${from.place.bucket}/${from.place.key}`;
  const run = { table: table.arn, id: table.id, model: id, where, source: origin, segments };
  const file = progressFile(root, run);
  const earlier = dryRun ? undefined : await file.load();
  onStart({ table, limits, before: earlier, progressPath: file.path });
  const { source, before } = await openSource({
    ...{ from, run, table, settings, segments, dynamodb, signal, region: target.region },
    attributes: neededAttributes(settings, model),
    before: earlier,
    save: async (progress) => (dryRun ? undefined : file.save(progress)),
  });

  const parts = {
    ...{ models, settings, where },
    labels: openLabels(dynamodb, config),
    chunkSize: CHUNK_SIZE,
    ...(settings.labelsElsewhere === true && {
      areLabelled: labelledRows(dynamodb, must(config.LABELS_TABLE, 'LABELS_TABLE'), model),
    }),
  };
  /** Only looks; what would be labelled counts as chosen. */
  const survey: typeof relabelItems = async (items): Promise<Relabelled> => {
    const surveyed = await surveyItems(items, parts);
    const counts = countsOf(
      surveyed.map(({ state }) => state),
      [],
    );
    return { counts: { ...counts, chosen: chosenOf(surveyed, where).length }, faults: [] };
  };
  const faults = faultReport();
  const done = await workThrough({
    ...{ run, source, before, signal },
    concurrency: segments,
    work: (items, ended) => (dryRun ? survey : relabelItems)(items, parts, ended),
    consumed: meter.consumed,
    onProgress: async (progress) => {
      if (!dryRun) await file.save(progress);
      onProgress(progress);
    },
    onFaults: faults.add,
  });
  const isComplete = source.parts.every((part) => done.positions[part] === 'done');
  if (isComplete && !dryRun) await file.remove();
  const { counts, consumed, seconds } = done;
  const { LABEL_STORE: store } = config;
  const written = store === 'labels-table' ? 0 : counts.labelled + counts.cleared + counts.rejected;
  return {
    ...{ table: config.DOCUMENTS_TABLE, model: id, where, source: origin, isComplete },
    ...{ counts, consumed, seconds },
    cost: relabelCost(consumed, written),
    estimate: dryRun
      ? estimateOf({
          ...{ consumed, store, limits, model: id },
          chosen: counts.chosen,
          examined: counts.examined,
        })
      : null,
    ...faults.report(),
  };
};
