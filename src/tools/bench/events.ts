import { changeRecordJson } from '../emulators/aws/native-fan-out.ts';
import { generateMessages } from '../ingest/input/messages.ts';

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
