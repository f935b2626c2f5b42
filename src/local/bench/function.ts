import { toStreamRecords } from '../../pipeline/kinesis-event.ts';
import { labelBatch } from '../../pipeline/label-batch.ts';
import { unpack } from '../../pipeline/unpack.ts';
import type { LabelStore } from '../../pipeline/store.ts';
import { wire } from '../../wire.ts';
import type { BuiltFunction } from '../built-function.ts';
import { changeRecordJson } from '../change-record.ts';
import { generateMessages } from '../input/messages.ts';
import { bareModel } from './bare-model.ts';

export const BATCH_SIZE = 100;

const SEED = 7;

/** The JSON of Lambda events that insert `count` items, `BATCH_SIZE` a batch. */
export function* eventsJson(table: string, count: number): Generator<string> {
  let records: object[] = [];
  let index = 0;
  for (const text of generateMessages({ seed: SEED, count })) {
    index += 1;
    const keys = { id: { S: `m-${index}` } };
    const newImage = { ...keys, text: { S: text } };
    const json = changeRecordJson({
      eventName: 'INSERT',
      table,
      keys,
      newImage,
      createdMicros: 1.79e15 + index,
    });
    records.push({
      kinesis: {
        data: Buffer.from(json).toString('base64'),
        sequenceNumber: String(index),
        partitionKey: `m-${index}`,
      },
      eventID: `shardId-000000000000:${index}`,
      eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/changes',
    });
    if (records.length < BATCH_SIZE && index < count) continue;
    yield JSON.stringify({ Records: records });
    records = [];
  }
}

/** Takes every label as written, so that what is measured ends where DynamoDB begins. */
const noStore: LabelStore = { put: async (writes) => writes.map(() => ({ kind: 'labelled' })) };

/** The function without Lambda around it and DynamoDB behind it: event JSON in, number of labels out. */
export const functionAlone = ({ environment }: BuiltFunction): ((json: string) => Promise<number>) => {
  const parts = { ...wire({ ...environment }), labels: noStore };
  const { signal } = new AbortController();
  const deadline = { remainingMs: () => 60_000, signal: () => signal };
  return async (json) => {
    const outcomes = await labelBatch(unpack(toStreamRecords(JSON.parse(json))), parts, deadline);
    return outcomes.filter(({ kind }) => kind === 'labelled').length;
  };
};

export interface FunctionFigures {
  readonly recordsPerSecond: number;
  /** The bare model: its graph run on the same batches as they come, and nothing else. */
  readonly bareRecordsPerSecond: number;
  /** The model as the function runs it, in batches planned by length, on the same texts. */
  readonly plannedRecordsPerSecond: number;
  /** The function's speed over these two. */
  readonly ofBare: number;
  readonly ofPlanned: number;
}

/**
 * How much of the model's own speed is left with everything that the function does around it: medians of rounds in
 * which all take turns, so that they see the same machine.
 */
export const benchFunction = async (built: BuiltFunction, rounds = 9): Promise<FunctionFigures> => {
  const records = 20_000;
  const run = functionAlone(built);
  const { models } = wire({ ...built.environment });
  const { id } = models.resolve();
  const model = await models.load(id);
  const bare = await bareModel(built, id);
  const texts = [...generateMessages({ seed: SEED, count: records })];
  const events = [...eventsJson(built.environment.DOCUMENTS_TABLE ?? '', records)];
  const contenders = {
    bare: (batch: number) => bare(texts.slice(batch * BATCH_SIZE, (batch + 1) * BATCH_SIZE)),
    planned: (batch: number) => model.classify(texts.slice(batch * BATCH_SIZE, (batch + 1) * BATCH_SIZE)),
    whole: (batch: number) => run(events[batch] ?? ''),
  };
  const times = { bare: [] as number[], planned: [] as number[], whole: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, contender] of Object.entries(contenders)) {
      const from = performance.now();
      for (let batch = 0; batch < events.length; batch += 1) await contender(batch);
      // Code is compiled in the first rounds.
      if (round > 1) times[name as keyof typeof times].push(performance.now() - from);
    }
  }
  const perSecond = (name: keyof typeof times) => records / (median(times[name]) / 1000);
  const recordsPerSecond = perSecond('whole');
  const [bareRecordsPerSecond, plannedRecordsPerSecond] = [perSecond('bare'), perSecond('planned')];
  return {
    recordsPerSecond,
    bareRecordsPerSecond,
    plannedRecordsPerSecond,
    ofBare: recordsPerSecond / bareRecordsPerSecond,
    ofPlanned: recordsPerSecond / plannedRecordsPerSecond,
  };
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
