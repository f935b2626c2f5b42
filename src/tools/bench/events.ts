import type { AttributeValue } from '../../dynamodb-json/attributes.ts';
import type { KinesisEvent } from '../../pipeline/records/kinesis-event.ts';
import type { QuestionInput } from '../../tasks/question-answering.ts';
import { changeRecordJson } from '../emulators/aws/native-fan-out.ts';
import { generateMessages } from '../ingest/input/messages.ts';

export const BATCH_SIZE = 100;

const SEED = 7;

type Attributes = Readonly<Record<string, AttributeValue>>;
type StreamRecord = KinesisEvent['Records'][number];

/** The JSON of Lambda events that insert `count` items with messages, `BATCH_SIZE` a batch. */
export function* eventsJson(table: string, count: number): Generator<string> {
  let Records: StreamRecord[] = [];
  let index = 0;
  for (const text of generateMessages({ seed: SEED, count })) {
    index += 1;
    Records.push(insertion(table, index, { text: { S: text } }));
    if (Records.length < BATCH_SIZE && index < count) continue;
    yield JSON.stringify({ Records });
    Records = [];
  }
}

/** A Lambda event that inserts items with questions and contexts. */
export const questionEvent = (table: string, inputs: readonly QuestionInput[]): KinesisEvent => ({
  Records: inputs.map(({ question, context }, index) =>
    insertion(table, index + 1, { question: { S: question }, context: { S: context } }),
  ),
});

/** The record of an item's insertion. @param index its number, from 1 */
const insertion = (table: string, index: number, attributes: Attributes): StreamRecord => {
  const keys = { id: { S: `m-${index}` } };
  const newImage = { ...keys, ...attributes };
  const json = changeRecordJson({
    eventName: 'INSERT',
    table,
    keys,
    newImage,
    createdMicros: 1.79e15 + index,
  });
  return {
    kinesis: {
      data: Buffer.from(json).toString('base64'),
      sequenceNumber: String(index),
      partitionKey: `m-${index}`,
    },
    eventID: `shardId-000000000000:${index}`,
    eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/changes',
  };
};
