import { must } from '../../errors.ts';
import type { OutgoingRecord } from '../../pipeline/destinations.ts';
import { putRecords } from '../../streams/put-records.ts';
import { batchWriter, type Item } from '../../stores/dynamodb/batch-write.ts';
import type { LocalClients } from '../emulators/aws/aws-clients.ts';
import { changeRecordJson } from '../emulators/aws/native-fan-out.ts';
import type { KeyedMessage, Message } from './input/input.ts';
import { persistently } from '../emulators/event-source/persistently.ts';

export interface ProducerOptions {
  readonly table: string;
  /** The table's key attribute. */
  readonly key: string;
  readonly stream: string;
  readonly attributes: TextAttributes;
  /** Called with the number of records that are in the stream. */
  readonly onProduced?: (records: number) => void;
}

/** The attributes of an item that get a message's texts. */
export interface TextAttributes {
  readonly text: string;
  readonly question: string;
  readonly context: string;
}

/** A message's texts as attributes of an item. */
export const textsOf = ({ text, question }: Message, attributes: TextAttributes): Item =>
  question === undefined
    ? { [attributes.text]: { S: text } }
    : { [attributes.question]: { S: question }, [attributes.context]: { S: text } };

/** The attribute of an item that has the expected label from the input. */
export const EXPECTED_LABEL = 'expected_label';

/** Messages that are written and put at a time: one call of Kinesis. */
const CALL_SIZE = 500;

/**
 * Writes messages as items and puts their change records into the stream, as a table with Kinesis Data Streams for
 * DynamoDB does: the item exists before its record. Memory holds two calls' worth of messages.
 *
 * @returns the number of records that it put
 */
export const produce = async (
  messages: AsyncIterable<KeyedMessage>,
  { dynamodb, kinesis }: LocalClients,
  { table, key, stream, attributes, onProduced = () => undefined }: ProducerOptions,
): Promise<number> => {
  const write = batchWriter(dynamodb, { table, keys: [key], concurrency: 4 });
  let produced = 0;

  const send = async (items: readonly Item[]): Promise<void> => {
    await writeAll(write, items);
    await putAll(
      kinesis,
      stream,
      items.map((item) => insertRecord(table, key, item)),
    );
    produced += items.length;
    onProduced(produced);
  };

  let sending: Promise<void> = Promise.resolve();
  let items: Item[] = [];
  for await (const { key: id, label, ...message } of messages) {
    items.push({
      [key]: { S: id },
      ...textsOf(message, attributes),
      ...(label !== undefined && { [EXPECTED_LABEL]: { S: label } }),
    });
    if (items.length < CALL_SIZE) continue;
    await sending;
    sending = send(items);
    // Its failure is awaited above or below; until then it is not unhandled.
    sending.catch(() => undefined);
    items = [];
  }
  await sending;
  if (items.length > 0) await send(items);
  return produced;
};

const insertRecord = (table: string, key: string, item: Item): OutgoingRecord => {
  const id = must(item[key], `${key} of an item`);
  const keys = { [key]: id };
  const createdMicros = Date.now() * 1000;
  const json = changeRecordJson({ eventName: 'INSERT', table, keys, newImage: item, createdMicros });
  return { data: Buffer.from(json), partitionKey: must(id.S, `${key} of an item`) };
};

/** Writes items, and retries those that failed with a temporary error. @throws any other error */
export const writeAll = async (
  write: ReturnType<typeof batchWriter>,
  items: readonly Item[],
): Promise<void> => {
  let left = items;
  await persistently(async () => {
    const results = await write(left);
    left = left.filter((_, index) => results[index]?.ok !== true);
    const failed = results.find((result) => !result.ok);
    if (failed?.ok === false) throw failed.error;
  });
};

/** Puts records, and retries those that failed with a temporary error. @throws any other error */
export const putAll = async (
  kinesis: LocalClients['kinesis'],
  stream: string,
  records: readonly OutgoingRecord[],
): Promise<void> => {
  const { put } = putRecords(kinesis, { stream, attempts: 10 });
  let left = records;
  await persistently(async () => {
    const results = await put(left);
    left = left.filter((_, index) => results[index]?.kind !== 'forwarded');
    const failed = results.find((result) => result.kind !== 'forwarded');
    if (failed !== undefined && 'error' in failed) throw failed.error;
  });
};
