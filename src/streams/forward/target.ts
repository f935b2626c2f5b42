/** What labels can be forwarded to; each has an adapter of that name in this folder. */
export const FORWARD_KINDS = ['eventbridge', 'sqs', 'sns', 'kinesis', 'firehose', 'lambda'] as const;

export type ForwardKind = (typeof FORWARD_KINDS)[number];

/** A destination of labels. */
export interface ForwardTarget {
  readonly kind: ForwardKind;
  readonly arn: string;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly name: string;
  /** Of a queue or topic: it keeps the order of the messages of a group. */
  readonly isFifo: boolean;
}

/** What follows `arn:<partition>:` and the service in an ARN: the kind, and the name as the last group. */
const RESOURCES: Readonly<Record<ForwardKind, readonly [service: string, resource: RegExp]>> = {
  eventbridge: ['events', /^event-bus\/([\w./-]{1,256})$/],
  sqs: ['sqs', /^([\w-]{1,80}|[\w-]{1,75}\.fifo)$/],
  sns: ['sns', /^([\w-]{1,256}|[\w-]{1,251}\.fifo)$/],
  kinesis: ['kinesis', /^stream\/([\w.-]{1,128})$/],
  firehose: ['firehose', /^deliverystream\/([\w.-]{1,64})$/],
  lambda: ['lambda', /^function:([\w-]{1,64})(?::(?:\$LATEST|[\w-]{1,128}))?$/],
};

const ARN = /^arn:(aws[a-z-]*):([a-z]+):([a-z]{2,}(?:-[a-z]+)+-\d):(\d{12}):(.+)$/;

/** What {@link parseForwardTarget} takes, for messages. */
export const FORWARD_ARNS =
  'the ARN of an EventBridge bus, an SQS queue, an SNS topic, a Kinesis stream, a Firehose stream or a Lambda function';

/** The destination with this ARN; undefined where it is none that labels can be forwarded to. */
export const parseForwardTarget = (arn: string): ForwardTarget | undefined => {
  const [, partition, service, region, account, resource] = ARN.exec(arn) ?? [];
  if (!partition || !region || !account || !resource) return undefined;
  for (const kind of FORWARD_KINDS) {
    const [ofService, pattern] = RESOURCES[kind];
    const name = service === ofService ? pattern.exec(resource)?.[1] : undefined;
    if (name === undefined) continue;
    const isFifo = (kind === 'sqs' || kind === 'sns') && name.endsWith('.fifo');
    return { kind, arn, partition, region, account, name, isFifo };
  }
  return undefined;
};
