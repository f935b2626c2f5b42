import type { OutgoingRecord } from '../../../pipeline/destinations.ts';
import { batchWriter } from '../../../stores/dynamodb/batch-write.ts';
import type { LocalClients } from '../../emulators/aws/aws-clients.ts';
import type { KeyedMessage } from '../../ingest/input/input.ts';
import { type ProducerOptions, putAll, writeAll } from '../../ingest/producer.ts';
import { createDisorder } from '../disorder.ts';
import type { eventfulHistory, NamedStep } from './eventful-history.ts';
import { applyStep, changeData, isOfItem, itemAfter, plainData, type Stamp } from '../histories/history.ts';
import type { Send } from '../histories/memory-dynamodb.ts';
import type { ItemWrite } from '../histories/memory-table.ts';
import { RECORD_POISON } from '../poison.ts';
import { below, seededRandom } from '../../random.ts';

/** The shares of records that are duplicated or delayed before the stream, from 0 to 1. */
export interface DisorderRates {
  readonly duplicates: number;
  readonly reordered: number;
  /** Records with a time in seconds or milliseconds, without one, or with an impossible one. */
  readonly vague: number;
}

const VAGUE: readonly Stamp[] = ['MILLISECOND', 'SECOND', 'none', 'future', 'past'];

/** The maximum delay of a record, and of a duplicate after its first, in records. */
const MOST_BEHIND = 50;
const DUPLICATE_BEHIND = 200;

/** Messages that are written at a time. */
const BLOCK = 500;

/**
 * Applies a history to a table and puts its records into the stream as Kinesis Data Streams for DynamoDB may do it:
 * more than once, and changes of one item out of order. The item itself changes in the true order.
 *
 * @returns how many records it put, duplicates included
 */
export const produceHistory = async (
  messages: AsyncIterable<KeyedMessage>,
  { dynamodb, kinesis }: LocalClients,
  { table, key, stream, attributes, onProduced = () => undefined }: ProducerOptions,
  history: ReturnType<typeof eventfulHistory>,
  { seed, duplicates, reordered, vague }: DisorderRates & { readonly seed: number },
): Promise<number> => {
  const random = seededRandom(seed);
  const place = { table, key, textAttribute: attributes.text };
  const send = dynamodb.send.bind(dynamodb) as unknown as Send;
  const write = batchWriter(dynamodb, { table, keys: [key], concurrency: 4 });
  const disorder = createDisorder<OutgoingRecord>();
  const firstMicros = Date.now() * 1000;
  let steps = 0;
  let produced = 0;

  const put = async (records: readonly OutgoingRecord[]): Promise<void> => {
    await putAll(kinesis, stream, records);
    produced += records.length;
    onProduced(produced);
  };

  /** Poison comes once: every copy of it would be one more reject. */
  const delays = ({ step }: NamedStep): readonly number[] => {
    if (step.kind === 'noise' || step.kind === 'spoil') return [0];
    const first = random() < reordered ? 1 + below(MOST_BEHIND, random) : 0;
    return random() < duplicates ? [first, first + 1 + below(DUPLICATE_BEHIND, random)] : [first];
  };

  const dataOf = (
    { step, id }: NamedStep,
    change: ItemWrite | undefined,
    micros: number,
  ): Uint8Array | undefined => {
    if (step.kind === 'noise') return RECORD_POISON[step.how]({ ...place, id });
    if (step.kind === 'plain') return plainData(step, place);
    const stamp = random() < vague ? VAGUE[below(VAGUE.length, random)] : 'MICROSECOND';
    return change && changeData(change, table, micros, stamp);
  };

  const happen = async (block: readonly NamedStep[]): Promise<void> => {
    const changes = new Map<NamedStep, ItemWrite | undefined>();
    for (const named of block) {
      if (!named.isNew || !isOfItem(named.step)) continue;
      const after = itemAfter(named.step, undefined, place);
      changes.set(named, { keys: { [key]: { S: named.id } }, before: undefined, after });
    }
    await writeAll(
      write,
      [...changes.values()].flatMap((change) => (change?.after ? [change.after] : [])),
    );
    // One after the other: several of them may be about one item.
    for (const named of block)
      if (!named.isNew && isOfItem(named.step)) changes.set(named, await applyStep(send, named.step, place));
    const due = block.flatMap((named) => {
      steps += 1;
      const data = dataOf(named, changes.get(named), firstMicros + steps);
      return data ? disorder.push({ data: Buffer.from(data), partitionKey: named.id }, delays(named)) : [];
    });
    await put(due);
  };

  let block: NamedStep[] = [];
  for await (const message of messages) {
    block.push(history.next(message));
    if (block.length < BLOCK) continue;
    await happen(block);
    block = [];
  }
  await happen(block);
  await put(disorder.flush());
  return produced;
};
