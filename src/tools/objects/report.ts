import { must } from '../../errors.ts';
import { MESSAGE_KINDS } from '../../pipeline/objects/message-outcome.ts';
import { count } from '../ingest/report.ts';
import { type Fact, factsSection, type Section, tableSection } from '../report/section.ts';
import type { ObjectsRun } from './classify-objects.ts';
import type { CheckedOutput } from './outputs.ts';

/** What is wrong with a run: a line for each fault. */
export const faultsOf = ({ outputs, faults }: ObjectsRun): readonly string[] => [
  ...faults,
  ...outputs.flatMap(({ key, fault }) => (fault === undefined ? [] : [`${key}: ${fault}`])),
];

const total = (outputs: readonly CheckedOutput[], of: (output: CheckedOutput) => number): number =>
  outputs.reduce((sum, output) => sum + of(output), 0);

const errorsText = ({ manifest: { counts } }: CheckedOutput): string =>
  Object.entries(counts.errors)
    .map(([code, lines]) => `${code} ${count(lines)}`)
    .join(', ');

/** A run in words: the objects, and the function's own figures. */
export const objectsSections = (run: ObjectsRun): readonly Section[] => {
  const { outputs, stats, seconds, outcomes } = run;
  const lines = total(outputs, ({ manifest }) => manifest.counts.lines);
  const { durationMs, initMs, memoryMB } = stats;
  const facts: readonly Fact[] = [
    [
      'objects',
      `${count(outputs.length)}, shards ${count(total(outputs, ({ manifest }) => manifest.shards.length))}`,
    ],
    [
      'lines',
      `${count(lines)}, labelled ${count(total(outputs, ({ manifest }) => manifest.counts.labelled))}`,
    ],
    ['time', `${count(seconds)} s, ${count(Math.round(lines / seconds))} lines/s`],
    [
      'messages',
      MESSAGE_KINDS.filter((kind) => kind in outcomes)
        .map((kind) => `${kind} ${count(must(outcomes[kind], kind))}`)
        .join(', '),
    ],
    ['invocations', count(stats.invocations)],
    [
      'duration',
      `p50 ${count(durationMs.p50)} ms, p95 ${count(durationMs.p95)} ms, max ${count(durationMs.max)} ms`,
    ],
    [
      'cold starts',
      `${count(stats.coldStarts)}, init p50 ${count(initMs.p50)} ms, max ${count(initMs.max)} ms`,
    ],
    [
      'billed',
      `${count(stats.billedMs)} ms at ${memoryMB.configured} MB; used at most ${count(memoryMB.maxUsed)} MB`,
    ],
  ];
  return [objectsTable(outputs), factsSection('function', 'The function', facts)];
};

const objectsTable = (outputs: readonly CheckedOutput[]): Section =>
  tableSection(
    'objects',
    'Objects',
    [
      { key: 'object', head: 'object' },
      { key: 'model', head: 'model' },
      { key: 'lines', head: 'lines' },
      { key: 'labelled', head: 'labelled' },
      { key: 'errors', head: 'errors' },
      { key: 'output', head: 'output' },
    ],
    outputs.map((output) => ({
      object: output.key,
      model: output.manifest.model,
      lines: output.manifest.counts.lines,
      labelled: output.manifest.counts.labelled,
      errors: errorsText(output),
      output: output.path ?? must(output.fault, 'fault of an object without output'),
    })),
  );
