import { toStreamRecords } from '../../pipeline/kinesis-event.ts';
import { labelBatch } from '../../pipeline/label-batch.ts';
import type { LabelStore } from '../../pipeline/store.ts';
import { wire } from '../../wire.ts';
import type { BuiltFunction } from '../built-function.ts';
import { changeRecordJson } from '../change-record.ts';
import { generateMessages } from '../messages.ts';

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
    const outcomes = await labelBatch(toStreamRecords(JSON.parse(json)), parts, deadline);
    return outcomes.filter(({ kind }) => kind === 'labelled').length;
  };
};

export interface FunctionFigures {
  readonly recordsPerSecond: number;
  /** The model by itself, on the same texts in the same batches. */
  readonly modelRecordsPerSecond: number;
  /** The function's speed over the model's. */
  readonly ofModel: number;
}

/**
 * How much of the model's own speed is left with everything that the function does around it: medians of rounds in
 * which both take turns, so that both see the same machine.
 */
export const benchFunction = async (built: BuiltFunction, rounds = 9): Promise<FunctionFigures> => {
  const records = 20_000;
  const run = functionAlone(built);
  const { models } = wire({ ...built.environment });
  const model = await models.load(models.resolve().id);
  const texts = [...generateMessages({ seed: SEED, count: records })];
  const events = [...eventsJson(built.environment.DOCUMENTS_TABLE ?? '', records)];
  const times: { readonly model: number; readonly whole: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const from = performance.now();
    for (let start = 0; start < records; start += BATCH_SIZE)
      await model.classify(texts.slice(start, start + BATCH_SIZE));
    const between = performance.now();
    for (const json of events) await run(json);
    times.push({ model: between - from, whole: performance.now() - between });
  }
  const warm = times.slice(2);
  const perSecond = (kind: 'model' | 'whole') => records / (median(warm.map((time) => time[kind])) / 1000);
  const [recordsPerSecond, modelRecordsPerSecond] = [perSecond('whole'), perSecond('model')];
  return { recordsPerSecond, modelRecordsPerSecond, ofModel: recordsPerSecond / modelRecordsPerSecond };
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
