import type { Disturbance, Inspection } from '../../ingest/disturbance.ts';
import { ingest, type IngestOptions } from '../../ingest/ingest.ts';
import type { ChaosReport, IngestReport } from '../../ingest/report.ts';
import { createDisturbance, type DisturbanceOptions } from './disturbance.ts';

/** The events of the table, also on a quiet day. */
const HISTORY: DisturbanceOptions['history'] = {
  ...{ poison: 0.01, edits: 0.02, deletes: 0.01, reinserts: 0.005, echoes: 0.005 },
};

const QUIET = { disorder: { duplicates: 0, reordered: 0, vague: 0 }, faults: {}, killEvery: 0 };

/** Of the dropped calls, half were done; a tenth are done later on. */
const BAD = {
  disorder: { duplicates: 0.05, reordered: 0.1, vague: 0.02 },
  faults: {
    ...{ throttled: 0.02, internal: 0.002, dropped: 0.005, droppedAfter: 0.004, late: 0.001 },
    ...{ delayed: 0.005, unprocessed: 0.02, statement: 0.02 },
  },
  killEvery: 50,
};

/** Small enough that an environment is killed now and then in 50,000 records. */
const BATCH_SIZE = 100;

/**
 * Ingests the same history twice, first undisturbed, then with faults of every kind, and reports the second ingest and
 * its usage relative to the first.
 *
 * @param options of the ingest; `outage` is the number of seconds in the middle of the bad day in which all calls fail
 */
export const badDay = async (
  root: string,
  { outage: seconds = 0, ...options }: IngestOptions & { readonly outage?: number },
): Promise<IngestReport> => {
  const seed = options.seed ?? 1;
  const day = async (how: Omit<DisturbanceOptions, 'seed' | 'history'>, before: number) => {
    const disturbance = createDisturbance({ seed, history: HISTORY, ...how });
    let inspection: Inspection | undefined;
    const report = await ingest(root, {
      ...options,
      onInspected: (found) => {
        inspection = found;
      },
      batchSize: options.batchSize ?? BATCH_SIZE,
      disturbance,
      // A filter on data drops everything that is not JSON without a trace: a service with such records has no filter.
      unfiltered: true,
      onProgress: ({ produced, done }) =>
        options.onProgress?.({
          produced: before + produced,
          done: before + Math.min(done, options.records),
        }),
    });
    return { report, disturbance, inspection };
  };
  const quiet = await day(QUIET, 0);
  // In the middle: half of the texts are classified.
  const bad = await day({ ...BAD, outage: { seconds, after: options.records / 2 } }, options.records);
  if (bad.inspection === undefined) throw new Error('the ingest was not looked at');
  const { resurrected: _, ...inspection } = bad.inspection;
  return {
    ...bad.report,
    chaos: { ...inspection, faults: bad.disturbance.faults(), ratios: ratios(bad, quiet) },
  };
};

interface Day {
  readonly report: IngestReport;
  readonly disturbance: Disturbance;
}

const ratios = (bad: Day, quiet: Day): ChaosReport['ratios'] => {
  const [badUsage, quietUsage] = [bad.disturbance.usage(), quiet.disturbance.usage()];
  const ratio = (one: number, other: number): number => Math.round((1000 * one) / other) / 1000;
  return {
    invocations: ratio(bad.report.invocations, quiet.report.invocations),
    inferences: ratio(badUsage.inferences, quietUsage.inferences),
    writes: ratio(badUsage.writes, quietUsage.writes),
  };
};
