import { toStreamRecords } from '../../pipeline/kinesis-event.ts';
import { labelBatch } from '../../pipeline/label-batch.ts';
import type { LabelStore } from '../../pipeline/store.ts';
import { wire } from '../../wire.ts';
import type { BuiltFunction } from '../built-function.ts';
import { changeRecordJson } from '../change-record.ts';
import { generateMessages } from '../messages.ts';
import type { ModelFigures } from './model.ts';

export const BATCH_SIZE = 100;

/** The JSON of Lambda events that insert `count` items, `BATCH_SIZE` a batch. */
export function* eventsJson(table: string, count: number, seed = 7): Generator<string> {
  let records: object[] = [];
  let index = 0;
  for (const text of generateMessages({ seed, count })) {
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
  /** Its speed over that of the model alone at the same batch size. */
  readonly ofModel: number;
}

/** How much of the model's own speed is left with everything that the function does around it. */
export const benchFunction = async (built: BuiltFunction, model: ModelFigures): Promise<FunctionFigures> => {
  const run = functionAlone(built);
  const events = [...eventsJson(built.environment.DOCUMENTS_TABLE ?? '', 20_000)];
  for (const json of events.slice(0, 20)) await run(json);
  const from = performance.now();
  let labelled = 0;
  for (const json of events) labelled += await run(json);
  const recordsPerSecond = labelled / ((performance.now() - from) / 1000);
  const alone =
    model.batches.find(({ batchSize }) => batchSize === BATCH_SIZE)?.recordsPerSecond ?? Number.NaN;
  return { recordsPerSecond, ofModel: recordsPerSecond / alone };
};
