import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { kinesisEvent } from '../emulators/event-source/lambda-event.ts';
import { labelsOf } from './inspect.ts';
import type { KinesisEvent } from '../../pipeline/records/kinesis-event.ts';
import type { TailRecord } from '../emulators/event-source/stream-tail.ts';

/** The fields of a change record that the fan-out function wrote. */
interface ForwardedChange {
  readonly eventName?: string;
  readonly tableName?: string;
  readonly dynamodb: {
    readonly Keys: Readonly<Record<string, AttributeValue>>;
    readonly SequenceNumber: string;
  };
}

const changeIn = ({ record }: TailRecord): ForwardedChange | undefined => {
  try {
    const change: Partial<ForwardedChange> = JSON.parse(Buffer.from(record.data).toString());
    return change.dynamodb === undefined ? undefined : (change as ForwardedChange);
  } catch {
    // A record of another producer: the stream may be shared.
    return undefined;
  }
};

/** The records of changes with these sequence numbers, in the order of the changes. */
export const forwardedOf = (
  records: readonly TailRecord[],
  sequenceNumbers: readonly string[],
): readonly TailRecord[] => {
  const found = new Map(records.map((record) => [changeIn(record)?.dynamodb.SequenceNumber, record]));
  return sequenceNumbers.flatMap((number) => found.get(number) ?? []);
};

/** The shown fields of a forwarded change: its event and the key of its item; never a text. */
export const forwardedSummary = (record: TailRecord): Readonly<Record<string, unknown>> => {
  const { eventName, tableName, dynamodb } = changeIn(record) ?? {};
  const { Keys = {}, SequenceNumber } = dynamodb ?? {};
  return {
    forwarded: eventName,
    table: tableName,
    keys: labelsOf(Keys, Object.keys(Keys)),
    sequence_number: SequenceNumber,
    bytes: record.record.data.length,
  };
};

/** The event with forwarded changes for the classifier. */
export const classifierEvent = (records: readonly TailRecord[]): KinesisEvent => ({
  Records: records.flatMap(({ record, source }) => kinesisEvent([record], source).Records),
});
