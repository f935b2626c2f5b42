import { join } from 'node:path';
import { type BenchContext, idOf } from '../context.ts';
import type { Ratio, Section } from '../../report/section.ts';
import { type Invoke, withLambda } from '../lambda.ts';
import { median } from '../rounds.ts';
import { completedSpans, exclusiveTimes, type Span } from './stages.ts';

const PROBE = join(import.meta.dirname, 'cold-start-probe.cjs');

/** Innermost first: stages may be nested. */
const STAGES = {
  run: 'inference of the first batch',
  firstRun: 'first run',
  session: 'session',
  tokenizer: 'tokenizer',
  binding: 'binding',
  bundle: 'bundle',
  files: "model's files",
  batch: 'rest of the first batch',
  node: 'Node.js',
} as const;

type Stage = keyof typeof STAGES;
type Times = Readonly<Record<Stage | 'spawn' | 'total', number>>;

/** In chronological order. */
const ORDER = [
  'spawn',
  'node',
  'bundle',
  'binding',
  'files',
  'tokenizer',
  'session',
  'firstRun',
  'run',
  'batch',
  'total',
] as const;

const HEADS: Readonly<Record<keyof Times, string>> = {
  ...STAGES,
  spawn: 'spawn and Runtime API',
  total: 'total',
};

/** The stages that are work of the model itself. */
const OF_THE_MODEL = ['files', 'tokenizer', 'session', 'firstRun', 'run'] as const;

const TOTAL_LIMIT_MS = 900;

/** The stages of a cold start, from process spawn to a first labelled batch of 100, by model. */
export const benchColdStart = async ({ root, built, models, quick }: BenchContext): Promise<Section> => {
  const rows = [];
  const ratios: Ratio[] = [];
  for (const model of models) {
    const id = idOf(model);
    const times = await withLambda(root, built, id, async (invoke) => {
      await coldStart(invoke);
      const runs: Times[] = [];
      for (let run = 0; run < (quick ? 3 : 7); run += 1) runs.push(await coldStart(invoke));
      return medianRun(runs);
    });
    rows.push({ model: id, ...times });
    const ofTheModel = OF_THE_MODEL.reduce((sum, stage) => sum + times[stage], 0);
    const isTransformer = model.manifest.format === 'transformer';
    ratios.push(
      {
        name: `${id}: cold start to its first labelled batch`,
        value: times.total,
        unit: 'ms',
        ...(isTransformer && { target: { atMost: TOTAL_LIMIT_MS } }),
      },
      {
        name: `${id}: the share of the model itself`,
        value: ofTheModel / times.total,
        ...(isTransformer && { target: { moreThan: 0.5 } }),
      },
    );
  }
  return {
    id: 'cold-start',
    title: 'Cold start, from process spawn to a first batch of 100 labelled, ms',
    ratios,
    columns: [{ key: 'model', head: 'model' }, ...ORDER.map((key) => ({ key, head: HEADS[key] }))],
    rows,
    notes: [
      `The run of the median total. The model itself: ${OF_THE_MODEL.map((stage) => HEADS[stage]).join(', ')}.`,
      "The model's files are read, checked against their sha256 and looked through.",
    ],
  };
};

/** One cold start, as Lambda reports it and as a probe in the environment measures it. */
const coldStart = async (invoke: Invoke): Promise<Times> => {
  let seen: readonly Span[] = [];
  const [report] = await invoke({
    records: 100,
    invocations: 1,
    environment: { NODE_OPTIONS: `--require=${PROBE}` },
    onLog: (line) => {
      if (line.startsWith('{"coldStart"')) seen = JSON.parse(line).coldStart;
    },
  });
  const spans = completedSpans(seen);
  const total = (report?.initMs ?? 0) + (report?.durationMs ?? 0);
  const times = exclusiveTimes(spans, Object.keys(STAGES) as Stage[]);
  const known = Object.values(times).reduce((sum, ms) => sum + ms, 0);
  return { ...times, spawn: total - known, total };
};

/** The run whose total is the median, so that its stages add up. */
const medianRun = (runs: readonly Times[]): Times => {
  const middle = median(runs.map(({ total }) => total));
  const found = runs.find(({ total }) => total === middle);
  if (found === undefined) throw new Error('no cold start was measured');
  return found;
};
