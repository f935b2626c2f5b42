import { createHash } from 'node:crypto';

/** An attribute of a message, as the JSON protocol has it: binary values are base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

export interface StoredMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  firstReceivedAt: number | undefined;
  receiveCount: number;
  /** By the clock of `performance.now()`. */
  visibleAt: number;
  /** Of the last delivery, from the first one on. */
  handle: string | undefined;
  /** Whether it is delivered and neither deleted nor visible again yet. */
  inFlight: boolean;
  /** The queue that gave it up. */
  readonly deadLetterSource?: string;
}

export const md5 = (data: string | Buffer): string => createHash('md5').update(data).digest('hex');

const withLength = (data: string | Buffer): Buffer => {
  const bytes = Buffer.from(data as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

const STRING = Buffer.of(1);
const BINARY = Buffer.of(2);

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
export const md5OfAttributes = (attributes: MessageAttributes): string =>
  md5(
    Buffer.concat(
      Object.keys(attributes)
        .toSorted()
        .flatMap((name) => {
          const { DataType = '', StringValue, BinaryValue } = attributes[name] ?? {};
          const value =
            BinaryValue === undefined
              ? [STRING, withLength(StringValue ?? '')]
              : [BINARY, withLength(Buffer.from(BinaryValue, 'base64'))];
          return [withLength(name), withLength(DataType), ...value];
        }),
    ),
  );
