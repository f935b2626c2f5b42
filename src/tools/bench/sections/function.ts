import { toStreamRecords } from '../../../pipeline/records/kinesis-event.ts';
import { labelBatch } from '../../../pipeline/label-batch.ts';
import type { LabelStore } from '../../../pipeline/destinations.ts';
import { wire } from '../../../wire/classify-stream.ts';
import type { BuiltFunction } from '../../build/built-function.ts';
import { generateMessages } from '../../ingest/input/messages.ts';
import { type BenchContext, idOf, openModel } from '../context.ts';
import { BATCH_SIZE, eventsJson } from '../events.ts';
import { type Column, ratioOf, type Section } from '../../report/section.ts';
import { recordRuns } from '../recorded-runs.ts';
import { type Contender, perSecond, takeTurns } from '../rounds.ts';
import { chunks } from '../../chunks.ts';
import { must } from '../../../errors.ts';

const SEED = 7;

/** Reports every label as written without a call, so that DynamoDB is not part of the measurement. */
const noStore: LabelStore = { put: async (writes) => writes.map(() => ({ kind: 'labelled' })) };

/** The function without Lambda and DynamoDB: event JSON in, number of labels out. */
export const functionAlone = (
  { environment }: BuiltFunction,
  model: string,
): ((json: string) => Promise<number>) => {
  const wired = wire({ ...environment, MODEL: model });
  const { signal } = new AbortController();
  const deadline = { remainingMs: () => 60_000, signal: () => signal };
  return async (json) => {
    const parts = { ...(await wired), labels: noStore };
    const { outcomes } = await labelBatch(toStreamRecords(JSON.parse(json)), parts, deadline);
    return outcomes.filter(({ kind }) => kind === 'labelled').length;
  };
};

const COLUMNS: readonly Column[] = [
  { key: 'model', head: 'model' },
  { key: 'function', head: 'the function, records/s' },
  { key: 'alone', head: 'the model alone' },
  { key: 'bare', head: 'the bare model' },
];

/** The part of a model's own speed that remains with all other work of the function. */
export const benchFunction = async ({ built, models, quick }: BenchContext): Promise<Section> => {
  const rows = [];
  const ratios = [];
  for (const folder of models) {
    const id = idOf(folder);
    // The same time for each: a classical model labels 100 times as many records in a second.
    const records = (folder.manifest.format === 'sklearn' ? 20_000 : 500) / (quick ? 5 : 1);
    const run = functionAlone(built, id);
    const model = await openModel(built, id);
    const batches = chunks([...generateMessages({ seed: SEED, count: records })], BATCH_SIZE);
    const events = [
      ...eventsJson(must(built.environment.DOCUMENTS_TABLE, 'DOCUMENTS_TABLE of the function'), records),
    ];
    const alone = async (): Promise<undefined> => {
      for (const batch of batches) await model.classify(batch);
    };
    const bare = await recordRuns(alone);
    const contenders = {
      function: async () => {
        for (const json of events) await run(json);
        return undefined;
      },
      alone,
      bare: async () => {
        await bare();
        return undefined;
      },
    } satisfies Record<string, Contender>;
    const times = await takeTurns(contenders, { rounds: quick ? 3 : 7, warmUps: 2 });
    rows.push({
      model: id,
      function: perSecond(records, times.function.value),
      alone: perSecond(records, times.alone.value),
      bare: perSecond(records, times.bare.value),
    });
    const target = folder.manifest.format === 'transformer' ? { atLeast: 0.95 } : undefined;
    ratios.push(
      ...ratioOf(`${id}: the model alone over its bare runs`, times.bare, times.alone, target),
      ...ratioOf(`${id}: the function over the model alone`, times.alone, times.function),
    );
  }
  return {
    id: 'function',
    title: 'The function, event JSON to labels ready to write, one thread, batches of 100',
    ratios,
    columns: COLUMNS,
    rows,
    notes: ['Texts: generated messages. The bare model: the runs of its graphs, nothing else.'],
  };
};
